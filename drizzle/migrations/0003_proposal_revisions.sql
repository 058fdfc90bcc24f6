ALTER TABLE "proposal" ADD COLUMN "revision" integer DEFAULT 1 NOT NULL;--> statement-breakpoint
ALTER TABLE "proposal" ADD COLUMN "judged_from" integer DEFAULT 1 NOT NULL;--> statement-breakpoint
ALTER TABLE "review" ADD COLUMN "revision" integer;--> statement-breakpoint
-- What counted until now goes on counting: a verdict belongs to the newest revision that had its head.
UPDATE "proposal" SET "revision" = (SELECT coalesce(max("number"), 1) FROM "proposal_revision" WHERE "proposal_id" = "proposal"."id");--> statement-breakpoint
UPDATE "review" SET "revision" = (SELECT coalesce(max("number"), 1) FROM "proposal_revision" WHERE "proposal_id" = "review"."proposal_id" AND "head" = "review"."head_oid");--> statement-breakpoint
ALTER TABLE "review" ALTER COLUMN "revision" SET NOT NULL;
