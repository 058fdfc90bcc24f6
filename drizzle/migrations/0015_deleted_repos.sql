ALTER TABLE "repo" ADD COLUMN "purged_at" timestamp (3) with time zone;--> statement-breakpoint
CREATE INDEX "proposal_target_branch" ON "proposal" USING btree ("target_branch_id");--> statement-breakpoint
CREATE INDEX "repo_deleted" ON "repo" USING btree ("deleted_at","id") WHERE "repo"."deleted_at" is not null;