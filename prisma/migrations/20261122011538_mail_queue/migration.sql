-- AlterTable
ALTER TABLE "mails" ADD COLUMN     "recipient_key" TEXT NOT NULL,
ALTER COLUMN "user_id" DROP NOT NULL;

-- CreateIndex
CREATE INDEX "mails_recipient_key_created_at_idx" ON "mails"("recipient_key", "created_at");
