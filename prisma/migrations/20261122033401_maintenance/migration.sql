-- CreateTable
CREATE TABLE "maintenance_tasks" (
    "name" TEXT NOT NULL,
    "due_at" TIMESTAMPTZ(6) NOT NULL,
    "started_at" TIMESTAMPTZ(6) NOT NULL,
    "finished_at" TIMESTAMPTZ(6),

    CONSTRAINT "maintenance_tasks_pkey" PRIMARY KEY ("name")
);
