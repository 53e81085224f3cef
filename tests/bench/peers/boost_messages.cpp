// boost::interprocess::message_queue.
#include "../names.hpp"
#include "../rows/message.hpp"

#ifdef RINGBUF_BENCH_BOOST
#include <boost/interprocess/ipc/message_queue.hpp>
#include <optional>

namespace bench {

// A namespace with a name: see limit.cpp.
namespace boost_messages_peer {

using boost::interprocess::message_queue;

template <class T, std::size_t capacity>
class Messages {
 public:
  explicit Messages(Arena &) : name_(unique_name()) {}

  void open_writer() { queue_.emplace(boost::interprocess::create_only, name_.c_str(), capacity, sizeof(T)); }
  // Both sides have it open then: the name can go.
  void open_reader() {
    queue_.emplace(boost::interprocess::open_only, name_.c_str());
    message_queue::remove(name_.c_str());
  }

  bool push(const T &item) { return queue_->try_send(&item, sizeof item, 0); }
  bool pop(T &item) {
    message_queue::size_type size = 0;
    unsigned priority = 0;
    return queue_->try_receive(&item, sizeof item, size, priority);
  }

 private:
  std::string name_;
  std::optional<message_queue> queue_;
};

}  // namespace boost_messages_peer

void add_boost_messages(Registry &registry) {
  add_messages<boost_messages_peer::Messages>(registry, "boost message_queue", Kind::peer);
}

}  // namespace bench
#else
void bench::add_boost_messages(Registry &registry) {
  registry.absent("boost message_queue", "not found (Debian: libboost-dev)");
}
#endif
