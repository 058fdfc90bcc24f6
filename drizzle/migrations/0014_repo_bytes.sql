ALTER TABLE "log_head" ADD COLUMN "pack_bytes" bigint DEFAULT 0 NOT NULL;--> statement-breakpoint
UPDATE "log_head" SET "pack_bytes" = "held"."bytes" FROM (SELECT "repo_id", sum("bytes") AS "bytes" FROM "pack" GROUP BY "repo_id") AS "held" WHERE "held"."repo_id" = "log_head"."stream";
