ALTER TABLE "log_head" ADD COLUMN "branches" integer DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE "log_head" ADD COLUMN "checkpoints" integer DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE "log_head" ADD COLUMN "open_proposals" integer DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE "repo" ADD COLUMN "key_id" text COLLATE "C";--> statement-breakpoint
CREATE INDEX "repo_key" ON "repo" USING btree ("key_id") WHERE "repo"."deleted_at" is null;--> statement-breakpoint
UPDATE "log_head" SET
	"branches" = coalesce("held"."branches", 0), "checkpoints" = coalesce("held"."checkpoints", 0), "open_proposals" = coalesce("held"."open_proposals", 0)
FROM (
	SELECT "repo"."id", "b"."branches", "c"."checkpoints", "p"."open_proposals" FROM "repo"
	LEFT JOIN (SELECT "repo_id", count(*) AS "branches" FROM "branch" WHERE "deleted_at" is null GROUP BY "repo_id") AS "b" ON "b"."repo_id" = "repo"."id"
	LEFT JOIN (SELECT "repo_id", count(*) AS "checkpoints" FROM "checkpoint" GROUP BY "repo_id") AS "c" ON "c"."repo_id" = "repo"."id"
	LEFT JOIN (SELECT "repo_id", count(*) AS "open_proposals" FROM "proposal" WHERE "state" in ('OPEN', 'CHANGES_REQUESTED', 'APPROVED') GROUP BY "repo_id") AS "p" ON "p"."repo_id" = "repo"."id"
) AS "held" WHERE "held"."id" = "log_head"."stream";
--> statement-breakpoint
UPDATE "repo" SET "key_id" = "operation"."key_id" FROM "operation" WHERE "operation"."stream" = "repo"."id" AND "operation"."seq" = 1;
