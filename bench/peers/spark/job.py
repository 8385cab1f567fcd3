"""The job in Spark Structured Streaming: one-minute event-time windows by category.

    job.py          counts a topic that exists (trigger availableNow) and ends
    job.py live     follows the topic and writes every update to InfluxDB until it is killed

Two local cores and as many shuffle partitions, only the fields that are needed, the code generated SQL functions
alone, large fetches, no metrics, no empty batches. Each micro-batch takes at most a sixth of the topic (SPARK_BATCHES
says another share, 1 for all at once): that bounds the memory of its shuffle and shows how fast it is once warm. State is in memory with a checkpoint on disk, as it must be.
"""
import os
import shutil
import sys
import tempfile
import time
import urllib.request

from pyspark.sql import SparkSession
from pyspark.sql.functions import avg, col, count, from_json, sum as total, when, window
from pyspark.sql.types import BooleanType, DoubleType, StringType, StructField, StructType

BATCHES = int(os.environ.get("SPARK_BATCHES", "6"))
is_live = len(sys.argv) > 1
records = int(os.environ.get("RECORDS", "0"))

spark = (
    SparkSession.builder.appName("bench").master("local[2]")
    .config("spark.sql.shuffle.partitions", "2")
    .config("spark.sql.session.timeZone", "UTC")
    .config("spark.ui.enabled", "false")
    .config("spark.shuffle.compress", "false")
    .config("spark.sql.streaming.metricsEnabled", "false")
    .config("spark.sql.streaming.noDataMicroBatches.enabled", "false")
    .config("spark.sql.streaming.minBatchesToRetain", "2")
    .getOrCreate()
)
spark.sparkContext.setLogLevel("ERROR")

schema = StructType([
    StructField("timestamp", StringType()),
    StructField("category", StringType()),
    StructField("amount", DoubleType()),
    StructField("is_fraud", BooleanType()),
])
source = (
    spark.readStream.format("kafka")
    .option("kafka.bootstrap.servers", os.environ["KAFKA_BROKERS"])
    .option("subscribe", os.environ["KAFKA_TOPIC"])
    .option("startingOffsets", "earliest")
    .option("kafka.max.poll.records", "20000")
    .option("kafka.max.partition.fetch.bytes", "4194304")
    .option("kafka.fetch.max.bytes", "67108864")
    .option("kafka.receive.buffer.bytes", "1048576")
    .option("kafka.check.crcs", "false")
)
if not is_live:
    source = source.option("maxOffsetsPerTrigger", str(max(1, -(-records // BATCHES))))
windows = (
    source.load()
    .select(from_json(col("value").cast("string"), schema).alias("event")).select("event.*")
    .withColumn("timestamp", col("timestamp").cast("timestamp"))
    .withWatermark("timestamp", "10 seconds")
    .groupBy(window("timestamp", "1 minute"), "category")
    .agg(
        count("*").alias("count"),
        total("amount").alias("amount"),
        avg("amount").alias("average"),
        total(when(col("is_fraud"), 1).otherwise(0)).alias("fraud"),
    )
)
results = {}


def mark():
    print("P", sum(row["count"] for row in results.values()), int(time.time() * 1000), flush=True)


def line(row):
    start_ms = int(row["window"].start.timestamp() * 1000)
    return f"windows,category={row['category']} count={row['count']}i,amount={row['amount']},fraud={row['fraud']}i {start_ms}"


def write(rows):
    url = "{INFLUX_URL}/api/v2/write?precision=ms&org={INFLUX_ORG}&bucket={INFLUX_BUCKET}".format(**os.environ)
    headers = {"Authorization": f"Token {os.environ['INFLUX_TOKEN']}"}
    request = urllib.request.Request(url, data="\n".join(map(line, rows)).encode(), headers=headers)
    urllib.request.urlopen(request).read()


def sink(frame, _):
    rows = frame.collect()
    for row in rows:
        results[(row["window"].start, row["category"])] = row
    if not is_live:
        mark()
    elif rows:
        write(rows)


checkpoint = tempfile.mkdtemp(prefix="bench-spark-")
query = windows.writeStream.outputMode("update").foreachBatch(sink).option("checkpointLocation", checkpoint)
if is_live:
    query.start().awaitTermination()
else:
    query.trigger(availableNow=True).start().awaitTermination()
sums = [sum(row[name] for row in results.values()) for name in ("count", "fraud", "amount")]
print("DONE records={} fraud={} amount={:.4f} windows={}".format(*sums, len(results)), flush=True)
spark.stop()
shutil.rmtree(checkpoint, ignore_errors=True)
