import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.time.Duration;
import java.util.*;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.flink.api.common.eventtime.WatermarkStrategy;
import org.apache.flink.api.common.functions.AggregateFunction;
import org.apache.flink.api.common.serialization.AbstractDeserializationSchema;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.api.connector.sink2.Sink;
import org.apache.flink.api.connector.sink2.SinkWriter;
import org.apache.flink.api.connector.sink2.WriterInitContext;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.connector.kafka.source.KafkaSource;
import org.apache.flink.connector.kafka.source.enumerator.initializer.OffsetsInitializer;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.streaming.api.functions.windowing.ProcessWindowFunction;
import org.apache.flink.streaming.api.windowing.assigners.TumblingEventTimeWindows;
import org.apache.flink.streaming.api.windowing.windows.TimeWindow;
import org.apache.flink.util.Collector;

/**
 * The job in Flink's DataStream API: one-minute event-time windows by category, counted into a map.
 *
 * <p>A local environment of parallelism 2, object reuse, large fetches, a streaming JSON parser, state on the heap, no
 * checkpoints: a stop would lose its state, which flatters it.
 */
public class Job {
  public static class Transaction {
    public long timeMs;
    public String category;
    public double amount;
    public boolean isFraud;
  }

  public static class Totals {
    public String category;
    public long startMs, count, fraud;
    public double amount;
  }

  static final long MARK_RECORDS = 500_000;
  static final JsonFactory JSON = new JsonFactory();
  static final AtomicLong SEEN = new AtomicLong();
  static final Map<String, Totals> RESULTS = new ConcurrentHashMap<>();

  public static void main(String[] args) throws Exception {
    Configuration settings = new Configuration();
    settings.setString("pipeline.object-reuse", "true");
    StreamExecutionEnvironment environment = StreamExecutionEnvironment.createLocalEnvironment(2, settings);
    // No idleness: a bounded read ends empty partitions by itself, and a busy machine makes others look idle.
    environment.fromSource(source(), WatermarkStrategy.<Transaction>forBoundedOutOfOrderness(Duration.ofSeconds(10))
            .withTimestampAssigner((transaction, kafkaMs) -> transaction.timeMs), "kafka")
        .keyBy(transaction -> transaction.category, Types.STRING)
        .window(TumblingEventTimeWindows.of(Duration.ofMinutes(1)))
        .aggregate(new Count(), new Name())
        .sinkTo(new Collect());
    environment.execute("bench");
    mark(SEEN.get());
    long count = 0, fraud = 0;
    double amount = 0;
    for (Totals each : RESULTS.values()) {
      count += each.count;
      fraud += each.fraud;
      amount += each.amount;
    }
    System.out.printf(Locale.ROOT, "DONE records=%d fraud=%d amount=%.4f windows=%d%n", count, fraud, amount, RESULTS.size());
    System.out.flush();
    System.exit(0);
  }

  static KafkaSource<Transaction> source() {
    return KafkaSource.<Transaction>builder()
        .setBootstrapServers(System.getenv("KAFKA_BROKERS"))
        .setTopics(System.getenv("KAFKA_TOPIC"))
        .setGroupId("bench-flink-" + UUID.randomUUID())
        .setStartingOffsets(OffsetsInitializer.earliest())
        .setBounded(OffsetsInitializer.latest())
        .setValueOnlyDeserializer(new Parse())
        .setProperty("max.poll.records", "20000")
        .setProperty("max.partition.fetch.bytes", "4194304")
        .setProperty("fetch.max.bytes", "67108864")
        .setProperty("receive.buffer.bytes", "1048576")
        .setProperty("check.crcs", "false")
        .build();
  }

  public static class Parse extends AbstractDeserializationSchema<Transaction> {
    public Parse() {
      super(Transaction.class);
    }

    @Override
    public Transaction deserialize(byte[] bytes) throws IOException {
      try (JsonParser parser = JSON.createParser(bytes)) {
        Transaction made = new Transaction();
        parser.nextToken();
        for (String field; (field = parser.nextFieldName()) != null;) {
          JsonToken token = parser.nextToken();
          switch (field) {
            case "timestamp" -> made.timeMs = millis(parser.getTextCharacters(), parser.getTextOffset());
            case "category" -> made.category = parser.getText();
            case "amount" -> made.amount = parser.getDoubleValue();
            case "is_fraud" -> made.isFraud = token == JsonToken.VALUE_TRUE;
            default -> { }
          }
        }
        return made;
      }
    }
  }

  public static class Count implements AggregateFunction<Transaction, Totals, Totals> {
    public Totals createAccumulator() {
      return new Totals();
    }

    public Totals add(Transaction transaction, Totals sum) {
      sum.count++;
      sum.amount += transaction.amount;
      if (transaction.isFraud) sum.fraud++;
      long seen = SEEN.incrementAndGet();
      if (seen == 1 || seen % MARK_RECORDS == 0) mark(seen);
      return sum;
    }

    public Totals getResult(Totals sum) {
      return sum;
    }

    public Totals merge(Totals one, Totals other) {
      one.count += other.count;
      one.fraud += other.fraud;
      one.amount += other.amount;
      return one;
    }
  }

  public static class Name extends ProcessWindowFunction<Totals, Totals, String, TimeWindow> {
    @Override
    public void process(String category, Context context, Iterable<Totals> sums, Collector<Totals> out) {
      Totals sum = sums.iterator().next();
      sum.category = category;
      sum.startMs = context.window().getStart();
      out.collect(sum);
    }
  }

  public static class Collect implements Sink<Totals> {
    public SinkWriter<Totals> createWriter(WriterInitContext context) {
      return new SinkWriter<>() {
        public void write(Totals sum, Context context) {
          Totals copy = new Count().merge(new Totals(), sum);
          RESULTS.put(sum.category + sum.startMs, copy);
        }

        public void flush(boolean isEnd) {}

        public void close() {}
      };
    }
  }

  /** Of YYYY-MM-DDTHH:MM:SS.mmmZ. */
  static long millis(char[] text, int at) {
    int year = two(text, at) * 100 + two(text, at + 2), month = two(text, at + 5), day = two(text, at + 8);
    if (month <= 2) year--;
    int era = year / 400, ofEra = year - era * 400, dayOfYear = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
    long days = era * 146097L + ofEra * 365 + ofEra / 4 - ofEra / 100 + dayOfYear - 719468;
    long seconds = ((days * 24 + two(text, at + 11)) * 60 + two(text, at + 14)) * 60 + two(text, at + 17);
    return seconds * 1_000 + (text[at + 20] - '0') * 100 + two(text, at + 21);
  }

  static int two(char[] text, int at) {
    return (text[at] - '0') * 10 + text[at + 1] - '0';
  }

  static synchronized void mark(long count) {
    System.out.println("P " + count + " " + System.currentTimeMillis());
  }
}
