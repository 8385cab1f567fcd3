import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.time.Duration;
import java.util.*;
import java.util.concurrent.*;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Collectors;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.Serde;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.streams.*;
import org.apache.kafka.streams.kstream.*;
import org.apache.kafka.streams.state.Stores;

/**
 * The job in Kafka Streams: one-minute event-time windows by category.
 *
 * <p>{@code Job} counts a topic that exists into a map and ends; {@code Job live} follows the topic and writes every
 * update to InfluxDB until it is killed. Two threads, an in-memory window store with a large cache, large fetches, a streaming JSON
 * parser. The batch job keeps no changelog topic: a stop would lose its state, which flatters it.
 */
public class Job {
  static final class Transaction {
    long timeMs;
    String category;
    double amount;
    boolean isFraud;
  }

  static final class Totals {
    long count, fraud;
    double amount;
  }

  static final int MARKS = 12;
  static final JsonFactory JSON = new JsonFactory();
  static final String BROKERS = System.getenv("KAFKA_BROKERS"), TOPIC = System.getenv("KAFKA_TOPIC");

  public static void main(String[] args) throws Exception {
    boolean isLive = args.length > 0;
    long records = isLive ? Long.MAX_VALUE : recordsOf(TOPIC);
    AtomicLong seen = new AtomicLong();
    CountDownLatch done = new CountDownLatch(1);
    Map<Windowed<String>, Totals> results = new ConcurrentHashMap<>();
    String id = "bench-ks-" + UUID.randomUUID();
    KafkaStreams streams = new KafkaStreams(topology(isLive, results, () -> {
      long count = seen.incrementAndGet();
      if (!isLive && (count % Math.max(1, records / MARKS) == 0 || count == 1)) mark(count);
      if (count == records) done.countDown();
    }), settings(id, isLive));
    streams.start();
    if (isLive) write(results);
    else done.await();
    mark(seen.get());
    streams.close(Duration.ofSeconds(30)); // Commits, so that the cache reaches the results.
    streams.cleanUp();
    removeTopics(id);
    Totals sum = new Totals();
    results.values().forEach(each -> {
      sum.count += each.count;
      sum.fraud += each.fraud;
      sum.amount += each.amount;
    });
    System.out.printf(Locale.ROOT, "DONE records=%d fraud=%d amount=%.4f windows=%d%n", sum.count, sum.fraud, sum.amount, results.size());
    System.out.flush();
    System.exit(0);
  }

  static Properties settings(String id, boolean isLive) throws IOException {
    Properties settings = new Properties();
    settings.putAll(Map.of(
        "application.id", id, "bootstrap.servers", BROKERS, "num.stream.threads", "2", "replication.factor", "1",
        "state.dir", Files.createTempDirectory("bench-ks-").toString(), "auto.offset.reset", "earliest"));
    if (isLive) settings.put("commit.interval.ms", "1000");
    else settings.putAll(Map.of(
        "statestore.cache.max.bytes", "67108864", "buffered.records.per.partition", "50000", "max.poll.records", "20000",
        "max.partition.fetch.bytes", "4194304", "fetch.max.bytes", "67108864", "receive.buffer.bytes", "1048576",
        "check.crcs", "false"));
    return settings;
  }

  static Topology topology(boolean isLive, Map<Windowed<String>, Totals> results, Runnable counted) {
    Serde<Transaction> transactions = Serdes.serdeFrom(
        (topic, value) -> { throw new UnsupportedOperationException(); }, (topic, bytes) -> transaction(bytes));
    Serde<Totals> totals = Serdes.serdeFrom((topic, value) -> bytes(value), (topic, bytes) -> totals(bytes));
    Materialized<String, Totals, org.apache.kafka.streams.state.WindowStore<org.apache.kafka.common.utils.Bytes, byte[]>> store =
        Materialized.<String, Totals>as(Stores.inMemoryWindowStore("totals", Duration.ofHours(1), Duration.ofMinutes(1), false))
            .withKeySerde(Serdes.String()).withValueSerde(totals).withCachingEnabled();
    StreamsBuilder builder = new StreamsBuilder();
    builder.stream(TOPIC, Consumed.with(Serdes.String(), transactions)
            .withTimestampExtractor((record, partitionTime) -> ((Transaction) record.value()).timeMs))
        .groupByKey(Grouped.with(Serdes.String(), transactions))
        .windowedBy(TimeWindows.ofSizeAndGrace(Duration.ofMinutes(1), Duration.ofSeconds(10)))
        .aggregate(Totals::new, (category, transaction, sum) -> {
          sum.count++;
          sum.amount += transaction.amount;
          if (transaction.isFraud) sum.fraud++;
          counted.run();
          return sum;
        }, isLive ? store : store.withLoggingDisabled())
        .toStream().foreach(results::put);
    return builder.build();
  }

  /** Writes what has changed, as soon as the write before is acknowledged. */
  static void write(Map<Windowed<String>, Totals> results) throws Exception {
    HttpClient http = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    URI url = URI.create(System.getenv("INFLUX_URL") + "/api/v2/write?precision=ms&org=" + System.getenv("INFLUX_ORG")
        + "&bucket=" + System.getenv("INFLUX_BUCKET"));
    Map<Windowed<String>, Totals> written = new HashMap<>();
    for (;; Thread.sleep(5)) {
      Map<Windowed<String>, Totals> changed = new HashMap<>(results);
      changed.entrySet().removeIf(entry -> written.get(entry.getKey()) == entry.getValue());
      if (changed.isEmpty()) continue;
      String lines = changed.entrySet().stream().map(entry -> String.format(Locale.ROOT,
          "windows,category=%s count=%di,amount=%f,fraud=%di %d", entry.getKey().key(), entry.getValue().count,
          entry.getValue().amount, entry.getValue().fraud, entry.getKey().window().start())).collect(Collectors.joining("\n"));
      HttpRequest request = HttpRequest.newBuilder(url).header("Authorization", "Token " + System.getenv("INFLUX_TOKEN"))
          .POST(HttpRequest.BodyPublishers.ofString(lines)).build();
      int status = http.send(request, HttpResponse.BodyHandlers.ofString()).statusCode();
      if (status != 204) throw new IOException("Cannot write: InfluxDB answers " + status);
      written.putAll(changed);
    }
  }

  static Transaction transaction(byte[] bytes) {
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
    } catch (IOException error) {
      throw new UncheckedIOException(error);
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

  static byte[] bytes(Totals value) {
    return value == null ? null : ByteBuffer.allocate(24).putLong(value.count).putLong(value.fraud).putDouble(value.amount).array();
  }

  static Totals totals(byte[] bytes) {
    if (bytes == null) return null;
    ByteBuffer from = ByteBuffer.wrap(bytes);
    Totals value = new Totals();
    value.count = from.getLong();
    value.fraud = from.getLong();
    value.amount = from.getDouble();
    return value;
  }

  static long recordsOf(String topic) throws Exception {
    try (Admin admin = Admin.create(Map.of("bootstrap.servers", BROKERS))) {
      Map<TopicPartition, OffsetSpec> wanted = new HashMap<>();
      admin.describeTopics(List.of(topic)).allTopicNames().get().get(topic).partitions()
          .forEach(each -> wanted.put(new TopicPartition(topic, each.partition()), OffsetSpec.latest()));
      return admin.listOffsets(wanted).all().get().values().stream().mapToLong(each -> each.offset()).sum();
    }
  }

  static void removeTopics(String id) throws Exception {
    try (Admin admin = Admin.create(Map.of("bootstrap.servers", BROKERS))) {
      List<String> own = admin.listTopics().names().get().stream().filter(name -> name.startsWith(id)).toList();
      admin.deleteTopics(own).all().get();
    }
  }

  static synchronized void mark(long count) {
    System.out.println("P " + count + " " + System.currentTimeMillis());
  }
}
