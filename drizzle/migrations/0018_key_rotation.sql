ALTER TABLE "api_key" ADD COLUMN "previous_hash" "bytea";--> statement-breakpoint
ALTER TABLE "api_key" ADD COLUMN "previous_until" timestamp (3) with time zone;--> statement-breakpoint
ALTER TABLE "api_key" ADD COLUMN "lineage" text[] DEFAULT '{}' NOT NULL;--> statement-breakpoint
CREATE INDEX "api_key_lineage" ON "api_key" USING gin ("lineage");