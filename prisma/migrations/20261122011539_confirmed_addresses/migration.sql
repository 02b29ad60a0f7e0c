-- One account at most has confirmed an address: of several, the oldest keeps it. Prisma's schema has no partial indexes.
UPDATE "users" AS u SET "email_verified_at" = NULL
WHERE u."email_verified_at" IS NOT NULL AND EXISTS (
  SELECT 1 FROM "users" AS o WHERE o."email_key" = u."email_key" AND o."email_verified_at" IS NOT NULL AND o."id" < u."id"
);
CREATE UNIQUE INDEX "users_verified_email_key" ON "users"("email_key") WHERE "email_verified_at" IS NOT NULL;
