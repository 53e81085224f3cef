/* usage: plain publish|consume URL STREAM BLOCKS BYTES WINDOW
 *
 * What `ringbuf nats` is measured beside: the same entries, published and read with libnats alone, from and to no ring. Publish
 * makes the stream, in memory, and prints bytes a second; consume reads it from its first entry on. */
#include <nats/nats.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static double now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

static void check(natsStatus status, const char *what) {
  if (status == NATS_OK) return;
  fprintf(stderr, "plain: %s: %s\n", what, natsStatus_GetText(status));
  exit(1);
}

static void publish(jsCtx *context, const char *stream, int blocks, int bytes) {
  jsStreamConfig config;
  jsErrCode error;
  char subject[300];
  const char *subjects[1] = {subject};
  char *payload = calloc(1, (size_t)bytes);
  double start;
  int i;
  if (payload == NULL) exit(1);
  snprintf(subject, sizeof subject, "ringbuf.%s.data", stream);
  jsStreamConfig_Init(&config);
  config.Name = stream;
  config.Subjects = subjects;
  config.SubjectsLen = 1;
  config.Storage = js_MemoryStorage;
  config.MaxBytes = (int64_t)4 << 30;
  check(js_AddStream(NULL, context, &config, NULL, &error), "stream");
  start = now();
  for (i = 0; i < blocks; ++i) {
    natsMsg *message = NULL;
    char number[32];
    char identity[80];
    check(natsMsg_Create(&message, subject, NULL, payload, bytes), "message");
    natsMsgHeader_Set(message, "Ringbuf-Version", "1");
    natsMsgHeader_Set(message, "Ringbuf-Kind", "samples");
    natsMsgHeader_Set(message, "Ringbuf-Ring", "0123456789abcdef0123456789abcdef");
    natsMsgHeader_Set(message, "Ringbuf-Shape", "0123456789abcdef");
    natsMsgHeader_Set(message, "Ringbuf-Pusher", "0123456789abcdef");
    snprintf(number, sizeof number, "%d", i);
    natsMsgHeader_Set(message, "Ringbuf-Index", number);
    natsMsgHeader_Set(message, "Ringbuf-Count", number);
    natsMsgHeader_Set(message, "Ringbuf-After", number);
    natsMsgHeader_Set(message, "Ringbuf-Time", "1795834326823777130 1795834326843045045");
    natsMsgHeader_Set(message, "Ringbuf-Monotonic", "3763763362962 3763782630875");
    natsMsgHeader_Set(message, "Nats-Expected-Stream", stream);
    natsMsgHeader_Set(message, "Nats-Expected-Last-Sequence", number);
    snprintf(identity, sizeof identity, "0123456789abcdef0123456789abcdef-%d", i);
    natsMsgHeader_Set(message, "Nats-Msg-Id", identity);
    check(js_PublishMsgAsync(context, &message, NULL), "publish");
    natsMsg_Destroy(message);
  }
  check(js_PublishAsyncComplete(context, NULL), "answers");
  printf("%.0f\n", (double)blocks * bytes / (now() - start));
  free(payload);
}

static void consume(jsCtx *context, const char *stream, int blocks) {
  jsSubOptions options;
  jsErrCode error;
  natsSubscription *subscription = NULL;
  char subject[300];
  double start = now();
  double total = 0;
  int i;
  snprintf(subject, sizeof subject, "ringbuf.%s.>", stream);
  jsSubOptions_Init(&options);
  options.Stream = stream;
  options.Ordered = 1;
  check(js_SubscribeSync(&subscription, context, subject, NULL, &options, &error), "subscribe");
  for (i = 0; i < blocks; ++i) {
    natsMsg *message = NULL;
    check(natsSubscription_NextMsg(&message, subscription, 20000), "next");
    total += natsMsg_GetDataLength(message);
    natsMsg_Destroy(message);
  }
  printf("%.0f\n", total / (now() - start));
  natsSubscription_Destroy(subscription);
}

int main(int argc, char **argv) {
  natsOptions *options = NULL;
  natsConnection *connection = NULL;
  jsCtx *context = NULL;
  jsOptions js;
  if (argc != 7) return 2;
  check(natsOptions_Create(&options), "options");
  natsOptions_SetURL(options, argv[2]);
  natsOptions_SetSendAsap(options, 1);
  check(natsConnection_Connect(&connection, options), "connect");
  jsOptions_Init(&js);
  js.PublishAsync.MaxPending = atoi(argv[6]);
  js.PublishAsync.StallWait = 20000;
  check(natsConnection_JetStream(&context, connection, &js), "JetStream");
  if (strcmp(argv[1], "publish") == 0) {
    publish(context, argv[3], atoi(argv[4]), atoi(argv[5]));
  } else {
    consume(context, argv[3], atoi(argv[4]));
  }
  jsCtx_Destroy(context);
  natsConnection_Destroy(connection);
  natsOptions_Destroy(options);
  nats_Close();
  return 0;
}
