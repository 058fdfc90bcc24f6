CREATE TABLE "operation_branch" (
	"stream" bigint NOT NULL,
	"branch_name" text COLLATE "C" NOT NULL,
	"seq" bigint NOT NULL,
	"at" timestamp (3) with time zone NOT NULL,
	CONSTRAINT "operation_branch_stream_branch_name_seq_pk" PRIMARY KEY("stream","branch_name","seq")
);
--> statement-breakpoint
INSERT INTO "operation_branch" ("stream", "branch_name", "seq", "at")
  SELECT DISTINCT "stream", unnest("branch_names"), "seq", "at" FROM "operation";
--> statement-breakpoint
-- A copy of what the payload says, for filters; the payload and its hash stay as they are.
ALTER TABLE "operation" ADD COLUMN "key_id" text COLLATE "C";--> statement-breakpoint
ALTER TABLE "operation" DISABLE TRIGGER "operation_append_only";--> statement-breakpoint
UPDATE "operation" SET "key_id" = convert_from("payload", 'utf8')::jsonb ->> 'keyId';--> statement-breakpoint
ALTER TABLE "operation" ENABLE TRIGGER "operation_append_only";--> statement-breakpoint
ALTER TABLE "operation" ALTER COLUMN "key_id" SET NOT NULL;--> statement-breakpoint
CREATE INDEX "operation_branch_time" ON "operation_branch" USING btree ("branch_name","at","stream","seq");--> statement-breakpoint
CREATE INDEX "operation_kind" ON "operation" USING btree ("stream","kind","seq");--> statement-breakpoint
CREATE INDEX "operation_actor" ON "operation" USING btree ("stream","actor","seq");--> statement-breakpoint
CREATE INDEX "operation_key" ON "operation" USING btree ("stream","key_id","seq");--> statement-breakpoint
CREATE INDEX "operation_run" ON "operation" USING btree ("stream","run_id","seq") WHERE "operation"."run_id" is not null;--> statement-breakpoint
CREATE INDEX "operation_moment" ON "operation" USING btree ("stream","at","seq");--> statement-breakpoint
CREATE INDEX "operation_kind_time" ON "operation" USING btree ("kind","at","stream","seq");--> statement-breakpoint
CREATE INDEX "operation_actor_time" ON "operation" USING btree ("actor","at","stream","seq");--> statement-breakpoint
CREATE INDEX "operation_key_time" ON "operation" USING btree ("key_id","at","stream","seq");--> statement-breakpoint
CREATE INDEX "operation_run_time" ON "operation" USING btree ("run_id","at","stream","seq") WHERE "operation"."run_id" is not null;--> statement-breakpoint
ALTER TABLE "operation" DROP COLUMN "branch_names";