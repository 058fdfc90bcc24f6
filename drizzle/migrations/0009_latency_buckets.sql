CREATE TABLE "latency_bucket" (
	"stream" bigint NOT NULL,
	"at" timestamp (3) with time zone NOT NULL,
	"kind" text COLLATE "C" NOT NULL,
	"bucket" integer NOT NULL,
	"count" integer NOT NULL,
	"longest" double precision NOT NULL,
	CONSTRAINT "latency_bucket_stream_at_kind_bucket_pk" PRIMARY KEY("stream","at","kind","bucket")
);
--> statement-breakpoint
CREATE TABLE "operation_duration" (
	"stream" bigint NOT NULL,
	"seq" bigint NOT NULL,
	"milliseconds" double precision NOT NULL,
	CONSTRAINT "operation_duration_stream_seq_pk" PRIMARY KEY("stream","seq")
);
--> statement-breakpoint
INSERT INTO "operation_duration" ("stream", "seq", "milliseconds")
  SELECT "stream", "seq", max("milliseconds") FROM "latency" WHERE "seq" IS NOT NULL GROUP BY "stream", "seq";
--> statement-breakpoint
INSERT INTO "latency_bucket" ("stream", "at", "kind", "bucket", "count", "longest")
  SELECT "stream", date_bin('1 minute', "at", timestamptz 'epoch'), "kind", ceil(ln(greatest("milliseconds", 0.001)) / ln(1.02::double precision)), count(*), max("milliseconds")
  FROM "latency" GROUP BY 1, 2, 3, 4;
--> statement-breakpoint
DROP TABLE "latency" CASCADE;--> statement-breakpoint
CREATE INDEX "latency_bucket_age" ON "latency_bucket" USING btree ("at");