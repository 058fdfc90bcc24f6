CREATE TABLE "operation_proposal" (
	"proposal_id" bigint NOT NULL,
	"stream" bigint NOT NULL,
	"seq" bigint NOT NULL,
	"at" timestamp (3) with time zone NOT NULL,
	CONSTRAINT "operation_proposal_proposal_id_stream_seq_pk" PRIMARY KEY("proposal_id","stream","seq")
);
--> statement-breakpoint
CREATE INDEX "operation_proposal_time" ON "operation_proposal" USING btree ("proposal_id","at","stream","seq");
--> statement-breakpoint
INSERT INTO "operation_proposal" ("proposal_id", "stream", "seq", "at")
  SELECT DISTINCT "concerned"."id"::bigint, "stream", "seq", "at"
  FROM "operation", LATERAL (SELECT convert_from("payload", 'utf8')::jsonb) AS "parsed"("said"), LATERAL (
    SELECT "event" ->> 'proposalId' FROM jsonb_array_elements("said" -> 'events') AS "event" WHERE "event" ? 'proposalId'
    UNION SELECT "said" -> 'subject' ->> 'id' WHERE "said" -> 'subject' ->> 'type' = 'Proposal'
  ) AS "concerned"("id");
