CREATE TABLE "mirror" (
	"repo_id" bigint PRIMARY KEY NOT NULL,
	"url" text COLLATE "C" NOT NULL,
	"credentials" "bytea",
	"wanted" bigint DEFAULT 0 NOT NULL,
	"seq" bigint DEFAULT 0 NOT NULL,
	"refs_hash" "bytea",
	"suspended" boolean DEFAULT false NOT NULL,
	"attempts" integer DEFAULT 0 NOT NULL,
	"error" text COLLATE "C",
	"last_attempt_at" timestamp (3) with time zone,
	"last_pushed_at" timestamp (3) with time zone,
	"next_attempt_at" timestamp (3) with time zone,
	"owner" text COLLATE "C",
	"owned_until" timestamp (3) with time zone,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"created_by" text COLLATE "C" NOT NULL
);
