CREATE TABLE "commit_trailer" (
	"repo_id" bigint NOT NULL,
	"digest" "bytea" NOT NULL,
	"oid" "bytea" NOT NULL,
	CONSTRAINT "commit_trailer_repo_id_digest_oid_pk" PRIMARY KEY("repo_id","digest","oid")
);
--> statement-breakpoint
ALTER TABLE "commit_graph" ADD COLUMN "trailers_known" boolean DEFAULT false NOT NULL;--> statement-breakpoint
CREATE INDEX "commit_graph_unread" ON "commit_graph" USING btree ("repo_id") WHERE not "commit_graph"."trailers_known";