CREATE INDEX "branch_head" ON "branch" USING btree ("repo_id","head") WHERE "branch"."deleted_at" is null;--> statement-breakpoint
CREATE INDEX "landing_source" ON "landing" USING btree ("repo_id","source_head");--> statement-breakpoint
CREATE INDEX "landing_target" ON "landing" USING btree ("repo_id","target_commit");--> statement-breakpoint
CREATE INDEX "proposal_merged_head" ON "proposal" USING btree ("repo_id","head") WHERE "proposal"."state" = 'MERGED';--> statement-breakpoint
CREATE INDEX "proposal_merge_commit" ON "proposal" USING btree ("repo_id","merge_commit") WHERE "proposal"."state" = 'MERGED' and "proposal"."merge_commit" is not null;