-- CreateTable
CREATE TABLE "rate_limit_overrides" (
    "id" SERIAL NOT NULL,
    "scope" TEXT NOT NULL,
    "rate" TEXT NOT NULL,
    "user_id" INTEGER,
    "client_id" INTEGER,
    "updated_at" TIMESTAMPTZ(6) NOT NULL,

    CONSTRAINT "rate_limit_overrides_pkey" PRIMARY KEY ("id"),
    CONSTRAINT "rate_limit_overrides_whose" CHECK (num_nonnulls("user_id", "client_id") = 1)
);

-- CreateTable
CREATE TABLE "login_failures" (
    "id" BIGSERIAL NOT NULL,
    "account_key" BYTEA NOT NULL,
    "failed_at" TIMESTAMPTZ(6) NOT NULL,

    CONSTRAINT "login_failures_pkey" PRIMARY KEY ("id")
);

-- CreateIndex
CREATE UNIQUE INDEX "rate_limit_overrides_user_id_scope_key" ON "rate_limit_overrides"("user_id", "scope");

-- CreateIndex
CREATE UNIQUE INDEX "rate_limit_overrides_client_id_scope_key" ON "rate_limit_overrides"("client_id", "scope");

-- CreateIndex
CREATE INDEX "login_failures_failed_at_idx" ON "login_failures"("failed_at");

-- AddForeignKey
ALTER TABLE "rate_limit_overrides" ADD CONSTRAINT "rate_limit_overrides_user_id_fkey" FOREIGN KEY ("user_id") REFERENCES "users"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "rate_limit_overrides" ADD CONSTRAINT "rate_limit_overrides_client_id_fkey" FOREIGN KEY ("client_id") REFERENCES "clients"("id") ON DELETE CASCADE ON UPDATE CASCADE;
