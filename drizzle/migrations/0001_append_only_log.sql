-- The server's own stream of the log: keys and other operations without a repository.
INSERT INTO "log_head" ("stream", "hash") VALUES (0, decode(repeat('00', 32), 'hex')) ON CONFLICT DO NOTHING;
--> statement-breakpoint
CREATE FUNCTION "refuse_change_of_log"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'the log is append-only: % on % refused', TG_OP, TG_TABLE_NAME USING ERRCODE = 'restrict_violation';
END;
$$;
--> statement-breakpoint
CREATE TRIGGER "operation_append_only" BEFORE UPDATE OR DELETE ON "operation"
  FOR EACH ROW EXECUTE FUNCTION "refuse_change_of_log"();
--> statement-breakpoint
CREATE TRIGGER "operation_no_truncate" BEFORE TRUNCATE ON "operation"
  FOR EACH STATEMENT EXECUTE FUNCTION "refuse_change_of_log"();
