CREATE TABLE "declined_change" (
	"proposal_id" bigint NOT NULL,
	"position" integer NOT NULL,
	"path" text COLLATE "C" NOT NULL,
	"hunks" jsonb,
	"reason" text COLLATE "C",
	CONSTRAINT "declined_change_proposal_id_position_pk" PRIMARY KEY("proposal_id","position")
);
--> statement-breakpoint
ALTER TABLE "declined_change" ADD CONSTRAINT "declined_change_proposal_id_proposal_id_fk" FOREIGN KEY ("proposal_id") REFERENCES "public"."proposal"("id") ON DELETE no action ON UPDATE no action;