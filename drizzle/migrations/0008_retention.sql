CREATE TABLE "retention_turn" (
	"repo_id" bigint PRIMARY KEY NOT NULL,
	"next_at" timestamp (3) with time zone NOT NULL
);
--> statement-breakpoint
ALTER TABLE "branch" ADD COLUMN "marked_at" timestamp (3) with time zone;--> statement-breakpoint
ALTER TABLE "retention_turn" ADD CONSTRAINT "retention_turn_repo_id_repo_id_fk" FOREIGN KEY ("repo_id") REFERENCES "public"."repo"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "branch_expiry" ON "branch" USING btree ("expires_at") WHERE "branch"."expires_at" is not null and "branch"."deleted_at" is null;--> statement-breakpoint
CREATE INDEX "proposal_pending_target" ON "proposal" USING btree ("target_branch_id") WHERE "proposal"."state" in ('OPEN', 'CHANGES_REQUESTED', 'APPROVED');