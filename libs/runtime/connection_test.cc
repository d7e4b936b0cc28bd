// Secure connections without a server around them.
#include "runtime/connection.h"

#include <gtest/gtest.h>

#include <atomic>
#include <boost/asio/post.hpp>
#include <future>
#include <string>
#include <thread>
#include <vector>

#include "runtime/shard.h"
#include "runtime/socket_writer.h"
#include "runtime/spawn.h"
#include "support/cpp/test_certificates.h"
#include "support/cpp/tls_test_client.h"
#include "tls/certificates.h"

namespace runtime {
namespace {

class ConnectionTest : public testing::Test {
 protected:
  ConnectionTest() {
    const tls::TestIdentity identity = tls::make_identity();
    const std::string path = files.write("server.pem", tls::pem_of(identity.certificate) + tls::pem_of(identity.key));
    certificates = tls::ServerCertificates::load({path, "", ""}).value();
    for (const auto& shard : shards) shard->start();
  }
  ~ConnectionTest() override {
    for (const auto& shard : shards) shard->stop();
  }

  // Connects a client, and gives the server's side on shard 0 to `serve`.
  template <class Serve>
  std::unique_ptr<signalr::TlsTestClient> connect(Serve its_serve) {
    const auto serve = std::make_shared<Serve>(std::move(its_serve));
    kept.push_back(serve);  // the coroutine uses what it has captured
    boost::asio::io_context context;
    boost::asio::ip::tcp::acceptor acceptor(context, {boost::asio::ip::address_v4::loopback(), 0});
    std::thread server([&] {
      Socket socket = acceptor.accept(shards[0].executor());
      socket.non_blocking(true);
      auto channel = certificates->accept(socket.native_handle());
      spawn(shards[0].executor(), (*serve)(Connection(std::move(socket), std::move(channel))), "A connection");
    });
    auto client = std::make_unique<signalr::TlsTestClient>(acceptor.local_endpoint().port());
    server.join();
    return client;
  }

  static Awaitable<bool> shake_hands(Connection& connection) {
    ErrorCodeAsio error;
    do {
      co_await connection.async_wait_readable(tuple_awaitable);
      connection.handshake(error);
    } while (error == boost::asio::error::would_block);
    co_return !error;
  }
  static Awaitable<std::string> read(Connection& connection) {
    while (true) {
      co_await connection.async_wait_readable(tuple_awaitable);
      std::array<char, 3> some;
      ErrorCodeAsio error;
      const std::size_t count = connection.read_some(boost::asio::buffer(some), error);
      if (!error) co_return std::string(some.data(), count);
      if (error != boost::asio::error::would_block) co_return "";
    }
  }
  static void write(Connection& connection, std::string_view text) {
    ErrorCodeAsio error;
    connection.write_some(boost::asio::buffer(text), error);
    EXPECT_FALSE(error);
  }

  std::vector<std::shared_ptr<void>> kept;
  const tls::TestFiles files;
  std::shared_ptr<tls::ServerCertificates> certificates;
  Shards shards{2};
};

// A wait for the socket would never end: OpenSSL has the rest of the record.
TEST_F(ConnectionTest, ReadsARecordInPieces) {
  auto client = connect([](Connection connection) -> Awaitable<void> {
    co_await shake_hands(connection);
    for (int n = 0; n < 3; ++n) {
      const std::string piece = co_await read(connection);
      write(connection, piece + ".");
    }
  });
  client->write("abcdefghi");
  EXPECT_EQ(client->read_bytes(12), "abc.def.ghi.");
}

TEST_F(ConnectionTest, MovesToAnotherShardInTheMiddleOfARecord) {
  auto client = connect([this](Connection connection) -> Awaitable<void> {
    co_await shake_hands(connection);
    std::string piece = co_await read(connection);
    write(connection, piece);
    auto moved = std::make_shared<Connection>(move_connection(std::move(connection), shards[1]));
    boost::asio::post(shards[1].executor(), [this, moved] {
      const auto go_on = [](std::shared_ptr<Connection> there) -> Awaitable<void> {
        for (int n = 0; n < 2; ++n) {
          const std::string more = co_await read(*there);
          write(*there, more);
        }
      };
      spawn(shards[1].executor(), go_on(moved), "A connection");
    });
  });
  client->write("abcdef");
  EXPECT_EQ(client->read_bytes(6), "abcdef");
  client->write("ghi");
  EXPECT_EQ(client->read_bytes(3), "ghi");
}

TEST_F(ConnectionTest, FailsAfterItIsClosed) {
  std::promise<void> closed;
  auto client = connect([&](Connection connection) -> Awaitable<void> {
    co_await shake_hands(connection);
    connection.close();
    connection.close();
    ErrorCodeAsio error;
    std::array<char, 8> some;
    EXPECT_EQ(connection.read_some(boost::asio::buffer(some), error), 0u);
    EXPECT_EQ(error, boost::asio::error::bad_descriptor);
    EXPECT_EQ(connection.peek(error), 0u);
    EXPECT_EQ(error, boost::asio::error::bad_descriptor);
    EXPECT_EQ(connection.write_some(boost::asio::buffer(some), error), 0u);
    EXPECT_EQ(error, boost::asio::error::bad_descriptor);
    const auto [waited] = co_await connection.async_wait_readable(tuple_awaitable);
    EXPECT_EQ(waited, boost::asio::error::bad_descriptor);
    closed.set_value();
  });
  EXPECT_TRUE(client->ended());
  EXPECT_TRUE(client->told_of_end());
  closed.get_future().get();
}

class Writer final : public SocketWriter {
 public:
  using SocketWriter::SocketWriter;
};

constexpr std::size_t kBlock = 1'000;

std::string block(int number) {
  std::string text = std::to_string(number) + ":";
  text.resize(kBlock, static_cast<char>('a' + number % 26));
  return text;
}

// A record that is encrypted and not written yet holds bytes of strings that the queue could still drop.
TEST_F(ConnectionTest, AQueueDropsNothingThatIsEncrypted) {
  std::promise<std::shared_ptr<Writer>> made;
  auto client = connect([&, this](Connection connection) -> Awaitable<void> {
    connection.socket().set_option(boost::asio::socket_base::send_buffer_size(4'096));
    co_await shake_hands(connection);
    SocketWriterOptions options{.egress_bytes_max = std::size_t{64} << 20};
    auto writer = std::make_shared<Writer>(shards[0], std::move(connection), options);
    for (int n = 0; n < 20'000; ++n) writer->send(std::make_shared<const std::string>(block(n)));
    writer->flush();
    made.set_value(writer);
  });
  const auto writer = made.get_future().get();
  std::promise<std::size_t> left;
  boost::asio::post(shards[0].executor(), [&] {
    const std::size_t before = writer->egress_bytes();
    writer->drop_egress();
    EXPECT_LT(writer->egress_bytes(), before);
    left.set_value(writer->egress_bytes());
    writer->send(std::make_shared<const std::string>(block(99'999)));
    writer->send(std::make_shared<const std::string>("end"));
  });
  EXPECT_GT(left.get_future().get(), 0u) << "the socket took everything, so this test shows nothing";
  const std::string all = client->read_to("end");
  ASSERT_EQ(all.size() % kBlock, 3u);
  const std::size_t blocks = all.size() / kBlock;
  for (std::size_t n = 0; n + 1 < blocks; ++n) {
    ASSERT_TRUE(all.substr(n * kBlock, kBlock) == block(static_cast<int>(n))) << n;
  }
  EXPECT_TRUE(all.substr((blocks - 1) * kBlock, kBlock) == block(99'999));
  std::promise<void> aborted;
  boost::asio::post(shards[0].executor(), [&] {
    writer->abort();
    aborted.set_value();
  });
  aborted.get_future().get();
}

}  // namespace
}  // namespace runtime
