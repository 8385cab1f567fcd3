/* The job by hand in C with librdkafka: one-minute event-time windows by category of a topic that exists.
 *
 * Two threads work: librdkafka's, which reads, and this one, which scans and counts. Settings as librdkafka's own
 * performance guide has them: large queues, large fetches, batches taken from the consumer's queue, no CRC check.
 * It takes well-formed events for granted: no strict UTF-8, no checks of ranges, nothing late.
 */
#include <librdkafka/rdkafka.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { SLOTS = 1 << 16, NAME_BYTES = 64, BATCH = 20000, MARKS = 12, WAIT_MS = 10000 };

typedef struct {
  int64_t minute, count, fraud;
  double amount;
  int name_length;
  char name[NAME_BYTES];
} Window;

static Window windows[SLOTS];
static int window_count;

static int64_t wall_ms(void) {
  struct timespec now;
  clock_gettime(CLOCK_REALTIME, &now);
  return now.tv_sec * 1000LL + now.tv_nsec / 1000000;
}

static inline int two_digits(const char *at) { return (at[0] - '0') * 10 + at[1] - '0'; }

/* Minutes since 1970 of YYYY-MM-DDTHH:MM…Z. */
static int64_t minute_of(const char *at) {
  int year = two_digits(at) * 100 + two_digits(at + 2), month = two_digits(at + 5), day = two_digits(at + 8);
  if (month <= 2) year--;
  int era = year / 400, of_era = year - era * 400;
  int day_of_year = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1;
  int64_t days = era * 146097LL + of_era * 365 + of_era / 4 - of_era / 100 + day_of_year - 719468;
  return (days * 24 + two_digits(at + 11)) * 60 + two_digits(at + 14);
}

static double number(const char *at) {
  double value = 0, scale = 1, sign = 1;
  int after_point = 0;
  if (*at == '-') sign = -1, at++;
  for (;; at++) {
    if (*at == '.') { after_point = 1; continue; }
    if (*at < '0' || *at > '9') return sign * value / scale;
    value = value * 10 + (*at - '0');
    if (after_point) scale *= 10;
  }
}

static Window *window_of(const char *name, int length, int64_t minute) {
  uint64_t hash = (uint64_t)minute * 0x9E3779B97F4A7C15ull;
  for (int i = 0; i < length; i++) hash = (hash ^ (unsigned char)name[i]) * 1099511628211ull;
  unsigned slot = (hash >> 40) & (SLOTS - 1);
  for (;; slot = (slot + 1) & (SLOTS - 1)) {
    Window *window = windows + slot;
    if (window->count == 0) {
      if (length > NAME_BYTES || ++window_count == SLOTS) exit(3);
      window->minute = minute;
      window->name_length = length;
      memcpy(window->name, name, length);
      return window;
    }
    if (window->minute == minute && window->name_length == length && !memcmp(window->name, name, length)) return window;
  }
}

/* Scans one event, field by field, and counts it. */
static void count(const char *at, const char *end) {
  const char *name = NULL;
  int name_length = 0, fraud = 0;
  int64_t minute = 0;
  double amount = 0;
  for (at++; at < end; at++) {
    if (*at != '"') continue;
    const char *key = ++at;
    at = memchr(at, '"', end - at);
    int key_length = at - key;
    at += 2;
    if (*at == '"') {
      const char *text = ++at;
      for (; *at != '"'; at++) if (*at == '\\') at++;
      if (key_length == 9 && *key == 't') minute = minute_of(text);
      else if (key_length == 8 && *key == 'c' && key[1] == 'a') { name = text; name_length = at - text; }
      at++;
    } else {
      if (key_length == 6 && *key == 'a') amount = number(at);
      else if (key_length == 8 && *key == 'i') fraud = *at == 't';
      while (*at != ',' && *at != '}') at++;
    }
  }
  Window *window = window_of(name, name_length, minute);
  window->count++;
  window->amount += amount;
  window->fraud += fraud;
}

static rd_kafka_t *consumer(const char *brokers) {
  const char *settings[][2] = {
      {"bootstrap.servers", brokers},        {"group.id", "bench-c"},
      {"enable.auto.commit", "false"},       {"check.crcs", "false"},
      {"queued.min.messages", "1000000"},    {"queued.max.messages.kbytes", "262144"},
      {"fetch.message.max.bytes", "4194304"}, {"fetch.max.bytes", "67108864"},
  };
  char error[512];
  rd_kafka_conf_t *conf = rd_kafka_conf_new();
  for (size_t i = 0; i < sizeof settings / sizeof *settings; i++)
    if (rd_kafka_conf_set(conf, settings[i][0], settings[i][1], error, sizeof error)) { fputs(error, stderr); exit(1); }
  rd_kafka_t *kafka = rd_kafka_new(RD_KAFKA_CONSUMER, conf, error, sizeof error);
  if (!kafka) { fputs(error, stderr); exit(1); }
  rd_kafka_poll_set_consumer(kafka);
  return kafka;
}

/* Assigns every partition from its start; how many records there are. */
static int64_t assign_all(rd_kafka_t *kafka, const char *topic) {
  const struct rd_kafka_metadata *metadata;
  rd_kafka_topic_t *handle = rd_kafka_topic_new(kafka, topic, NULL);
  if (rd_kafka_metadata(kafka, 0, handle, &metadata, WAIT_MS)) exit(2);
  int partitions = metadata->topics[0].partition_cnt;
  rd_kafka_topic_partition_list_t *list = rd_kafka_topic_partition_list_new(partitions);
  int64_t records = 0;
  for (int i = 0; i < partitions; i++) {
    int64_t low, high;
    if (rd_kafka_query_watermark_offsets(kafka, topic, i, &low, &high, WAIT_MS)) exit(2);
    records += high - low;
    rd_kafka_topic_partition_list_add(list, topic, i)->offset = low;
  }
  rd_kafka_assign(kafka, list);
  return records;
}

int main(void) {
  rd_kafka_t *kafka = consumer(getenv("KAFKA_BROKERS"));
  int64_t records = assign_all(kafka, getenv("KAFKA_TOPIC")), seen = 0, next_mark = 0;
  rd_kafka_queue_t *queue = rd_kafka_queue_get_consumer(kafka);
  static rd_kafka_message_t *messages[BATCH];
  while (seen < records) {
    ssize_t taken = rd_kafka_consume_batch_queue(queue, 100, messages, BATCH);
    for (ssize_t i = 0; i < taken; i++) {
      rd_kafka_message_t *message = messages[i];
      if (!message->err) {
        count(message->payload, (char *)message->payload + message->len);
        seen++;
      }
      rd_kafka_message_destroy(message);
    }
    if (seen < next_mark || seen == 0) continue;
    printf("P %ld %ld\n", seen, wall_ms());
    next_mark = seen + records / MARKS;
  }
  int64_t counted = 0, fraud = 0;
  double amount = 0;
  for (int i = 0; i < SLOTS; i++) {
    counted += windows[i].count;
    fraud += windows[i].fraud;
    amount += windows[i].amount;
  }
  printf("P %ld %ld\n", seen, wall_ms());
  printf("DONE records=%ld fraud=%ld amount=%.4f windows=%d\n", counted, fraud, amount, window_count);
  fflush(stdout);
  _Exit(0); /* Closing a consumer politely takes longer than the job. */
}
