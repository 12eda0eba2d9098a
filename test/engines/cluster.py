"""Runs queries on a Spark of two worker processes.

Each line of standard input is a request, {"sql": …, "kill": true or absent}; each line of the answer channel (file
descriptor 3) is what came of it. With "kill", an executor is ended by SIGKILL once the query has finished one task and
another is at work, so that results which the rest still needs are lost.
"""

import json
import os
import signal
import subprocess
import sys
import threading
import time

from pyspark.sql import SparkSession

answers = os.fdopen(3, "w", buffering=1)


def executors(app):
    """Process numbers of the executors of this application; `ps`, for not every system has /proc."""
    lines = subprocess.run(
        ["ps", "-axo", "pid=,args="], capture_output=True, text=True, check=True
    ).stdout.splitlines()
    return sorted(
        int(line.split()[0])
        for line in lines
        if "CoarseGrainedExecutorBackend" in line and app in line and "java" in line
    )


def kill_one_at_work(context, done, killed):
    tracker = context.statusTracker()
    while not done.is_set():
        stages = [tracker.getStageInfo(stage) for stage in tracker.getActiveStageIds()]
        for stage in stages:
            if stage and stage.numCompletedTasks >= 1 and stage.numActiveTasks >= 1:
                victim = executors(context.applicationId)[0]
                os.kill(victim, signal.SIGKILL)
                killed.update(
                    pid=victim,
                    finished=stage.numCompletedTasks,
                    running=stage.numActiveTasks,
                    tasks=stage.numTasks,
                )
                return
        time.sleep(0.005)


def run(spark, request):
    began = time.monotonic()
    context = spark.sparkContext
    done, killed = threading.Event(), {}
    killer = threading.Thread(target=kill_one_at_work, args=(context, done, killed))
    if request.get("kill"):
        killer.start()
    try:
        row = spark.sql(request["sql"]).collect()[0]
    finally:
        done.set()
    answer = {"values": [str(value) for value in row], "seconds": time.monotonic() - began}
    if killed:
        answer["killed"] = killed
        # A new executor takes the place of the one that was killed.
        until = time.monotonic() + 60
        while time.monotonic() < until:
            now = executors(context.applicationId)
            if len(now) >= 2 and killed["pid"] not in now:
                break
            time.sleep(0.1)
        answer["executors"] = executors(context.applicationId)
    return answer


def main():
    memory = int(sys.argv[1])
    spark = (
        SparkSession.builder.master(f"local-cluster[2,1,{memory}]")
        .appName("kangyang")
        .config("spark.executor.memory", f"{memory}m")
        # Short work: what the quick compiler makes of it is soon enough.
        .config("spark.driver.extraJavaOptions", "-XX:TieredStopAtLevel=1")
        .config("spark.executor.extraJavaOptions", "-XX:TieredStopAtLevel=1")
        .config("spark.sql.adaptive.enabled", "false")
        .config("spark.driver.host", "127.0.0.1")
        .config("spark.driver.bindAddress", "127.0.0.1")
        .config("spark.ui.enabled", "false")
        .config("spark.ui.showConsoleProgress", "false")
        # A number beyond 64 bits is an error and not another number.
        .config("spark.sql.ansi.enabled", "true")
        .config("spark.sql.session.timeZone", "Asia/Shanghai")
        # Stages stand within stages, deeper than the analyzer goes by itself.
        .config("spark.sql.analyzer.maxIterations", "2000")
        .config("spark.sql.optimizer.maxIterations", "2000")
        .config("spark.sql.shuffle.partitions", "4")
        # Small files come as several tasks, so that both workers have something to do.
        .config("spark.sql.files.openCostInBytes", "0")
        .config("spark.sql.files.maxPartitionBytes", "64m")
        .config("spark.sql.maxPlanStringLength", "1000")
        .getOrCreate()
    )
    spark.sparkContext.setLogLevel("ERROR")
    while len(executors(spark.sparkContext.applicationId)) < 2:
        time.sleep(0.1)
    answers.write(
        json.dumps(
            {
                "version": spark.version,
                "driver": spark.sparkContext._gateway.proc.pid,
                "executors": executors(spark.sparkContext.applicationId),
            }
        )
        + "\n"
    )
    for line in sys.stdin:
        try:
            answer = run(spark, json.loads(line))
        except Exception as error:  # noqa: BLE001 — whatever it is, the one who asked shall know
            answer = {"error": str(error)[:4000]}
        answers.write(json.dumps(answer) + "\n")
    spark.stop()


main()
