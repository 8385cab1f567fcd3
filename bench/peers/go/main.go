// The job by hand in Go with franz-go and jsonparser: one-minute event-time windows by category of a topic that exists.
//
// Two goroutines count what each poll brought, one map of windows each. It takes well-formed events for granted.
package main

import (
	"context"
	"fmt"
	"os"
	"strings"
	"sync"
	"time"

	"github.com/buger/jsonparser"
	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kgo"
)

const marks = 12

type key struct {
	category string
	minute   int64
}

type window struct {
	count, fraud int64
	amount       float64
}

type windows map[key]*window

var fields = [][]string{{"timestamp"}, {"category"}, {"amount"}, {"is_fraud"}}

func twoDigits(b []byte) int64 { return int64(b[0]-'0')*10 + int64(b[1]-'0') }

// minuteOf gives the minutes since 1970 of YYYY-MM-DDTHH:MM…Z.
func minuteOf(b []byte) int64 {
	year, month, day := twoDigits(b)*100+twoDigits(b[2:]), twoDigits(b[5:]), twoDigits(b[8:])
	if month <= 2 {
		year--
		month += 12
	}
	era := year / 400
	ofEra := year - era*400
	days := era*146097 + ofEra*365 + ofEra/4 - ofEra/100 + (153*(month-3)+2)/5 + day - 1 - 719468
	return (days*24+twoDigits(b[11:]))*60 + twoDigits(b[14:])
}

func (w windows) count(records []*kgo.Record) {
	for _, record := range records {
		var minute int64
		var amount float64
		var isFraud bool
		var category []byte
		jsonparser.EachKey(record.Value, func(field int, value []byte, _ jsonparser.ValueType, _ error) {
			switch field {
			case 0:
				minute = minuteOf(value)
			case 1:
				category = value
			case 2:
				amount, _ = jsonparser.ParseFloat(value)
			case 3:
				isFraud = value[0] == 't'
			}
		}, fields...)
		at := w[key{string(category), minute}]
		if at == nil {
			at = &window{}
			w[key{string(category), minute}] = at
		}
		at.count++
		at.amount += amount
		if isFraud {
			at.fraud++
		}
	}
}

func (w windows) merge(other windows) {
	for k, from := range other {
		if to := w[k]; to != nil {
			to.count += from.count
			to.fraud += from.fraud
			to.amount += from.amount
		} else {
			w[k] = from
		}
	}
}

func check(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// consumer reads every partition from its start; the second result is how many records there are.
func consumer(ctx context.Context, brokers []string, topic string) (*kgo.Client, int64) {
	plain, err := kgo.NewClient(kgo.SeedBrokers(brokers...))
	check(err)
	ends, err := kadm.NewClient(plain).ListEndOffsets(ctx, topic)
	check(err)
	plain.Close()
	var records int64
	from := map[int32]kgo.Offset{}
	ends.Each(func(end kadm.ListedOffset) {
		records += end.Offset
		from[end.Partition] = kgo.NewOffset().AtStart()
	})
	client, err := kgo.NewClient(
		kgo.SeedBrokers(brokers...),
		kgo.ConsumePartitions(map[string]map[int32]kgo.Offset{topic: from}),
		kgo.FetchMaxBytes(64<<20),
		kgo.FetchMaxPartitionBytes(4<<20),
		kgo.FetchMaxWait(100*time.Millisecond),
		kgo.DisableFetchCRCValidation(),
	)
	check(err)
	return client, records
}

func main() {
	ctx := context.Background()
	client, records := consumer(ctx, strings.Split(os.Getenv("KAFKA_BROKERS"), ","), os.Getenv("KAFKA_TOPIC"))
	counted := [2]windows{{}, {}}
	var seen, nextMark int64
	for seen < records {
		var halves [2][]*kgo.Record
		client.PollFetches(ctx).EachPartition(func(partition kgo.FetchTopicPartition) {
			half := 0
			if len(halves[1]) < len(halves[0]) {
				half = 1
			}
			halves[half] = append(halves[half], partition.Records...)
			seen += int64(len(partition.Records))
		})
		var both sync.WaitGroup
		both.Go(func() { counted[1].count(halves[1]) })
		counted[0].count(halves[0])
		both.Wait()
		if seen >= nextMark {
			fmt.Println("P", seen, time.Now().UnixMilli())
			nextMark = seen + records/marks
		}
	}
	counted[0].merge(counted[1])
	var total window
	for _, each := range counted[0] {
		total.count += each.count
		total.fraud += each.fraud
		total.amount += each.amount
	}
	fmt.Println("P", seen, time.Now().UnixMilli())
	fmt.Printf("DONE records=%d fraud=%d amount=%.4f windows=%d\n", total.count, total.fraud, total.amount, len(counted[0]))
}
