#include "support/tls_proxy.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>

#include <array>
#include <cstdio>
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <stdexcept>
#include <thread>

namespace test {

namespace asio = boost::asio;
namespace ssl = asio::ssl;
using asio::ip::tcp;

namespace {

constexpr auto as_result = asio::as_tuple(asio::use_awaitable);

/// A self-signed certificate and its key, both into one PEM file.
void make_certificate(const std::filesystem::path& file) {
    EVP_PKEY* key = EVP_EC_gen("P-256");
    X509* certificate = X509_new();
    X509_set_version(certificate, 2);
    ASN1_INTEGER_set(X509_get_serialNumber(certificate), 1);
    X509_gmtime_adj(X509_getm_notBefore(certificate), -3600);
    X509_gmtime_adj(X509_getm_notAfter(certificate), 24 * 3600);
    X509_set_pubkey(certificate, key);
    X509_NAME* name = X509_get_subject_name(certificate);
    X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC,
                               reinterpret_cast<const unsigned char*>("lmstress test"), -1, -1, 0);
    X509_set_issuer_name(certificate, name);
    X509_EXTENSION* names =
        X509V3_EXT_conf_nid(nullptr, nullptr, NID_subject_alt_name, "DNS:localhost, IP:127.0.0.1");
    X509_add_ext(certificate, names, -1);
    const bool signed_ok = X509_sign(certificate, key, EVP_sha256()) != 0;
    std::FILE* out = std::fopen(file.c_str(), "we");
    if (!signed_ok || out == nullptr) throw std::runtime_error("no certificate");
    PEM_write_X509(out, certificate);
    PEM_write_PrivateKey(out, key, nullptr, nullptr, 0, nullptr, nullptr);
    std::fclose(out);
    X509_EXTENSION_free(names);
    X509_free(certificate);
    EVP_PKEY_free(key);
}

using tls_socket = ssl::stream<tcp::socket>;

template <class From, class To>
asio::awaitable<void> pass_on(std::shared_ptr<From> from, std::shared_ptr<To> to) {
    std::array<char, 16 * 1024> buffer;
    for (;;) {
        const auto into = asio::buffer(buffer);
        const auto [ec, n] = co_await from->async_read_some(into, as_result);
        if (ec) break;
        const auto bytes = asio::buffer(buffer.data(), n);
        const auto [failed, written] = co_await asio::async_write(*to, bytes, as_result);
        static_cast<void>(written);
        if (failed) break;
    }
    boost::system::error_code ignored;
    from->lowest_layer().close(ignored);
    to->lowest_layer().close(ignored);
}

}  // namespace

class tls_proxy::server {
  public:
    server(std::uint16_t to_port, const std::filesystem::path& pem)
        : to_(asio::ip::address_v4::loopback(), to_port),
          tls_(ssl::context::tls_server),
          acceptor_(context_, tcp::endpoint{asio::ip::address_v4::loopback(), 0}) {
        tls_.use_certificate_chain_file(pem.string());
        tls_.use_private_key_file(pem.string(), ssl::context::pem);
        asio::co_spawn(context_, accept(), asio::detached);
        thread_ = std::thread{[this] { context_.run(); }};
    }
    ~server() {
        context_.stop();
        thread_.join();
    }
    server(server&&) = delete;

    [[nodiscard]] std::uint16_t port() const { return acceptor_.local_endpoint().port(); }

  private:
    asio::awaitable<void> accept() {
        for (;;) {
            auto [ec, socket] = co_await acceptor_.async_accept(as_result);
            if (ec) co_return;
            auto client = std::make_shared<tls_socket>(std::move(socket), tls_);
            asio::co_spawn(context_, serve(std::move(client)), asio::detached);
        }
    }

    asio::awaitable<void> serve(std::shared_ptr<tls_socket> client) {
        const auto [refused] = co_await client->async_handshake(tls_socket::server, as_result);
        if (refused) co_return;
        const auto plain = std::make_shared<tcp::socket>(context_);
        const auto [ec] = co_await plain->async_connect(to_, as_result);
        if (ec) co_return;
        plain->set_option(tcp::no_delay{true});
        client->lowest_layer().set_option(tcp::no_delay{true});
        asio::co_spawn(context_, pass_on(client, plain), asio::detached);
        asio::co_spawn(context_, pass_on(plain, client), asio::detached);
    }

    tcp::endpoint to_;
    asio::io_context context_{1};
    ssl::context tls_;
    tcp::acceptor acceptor_;
    std::thread thread_;
};

tls_proxy::tls_proxy(std::uint16_t to_port, const std::filesystem::path& directory)
    : certificate_(directory / "server.pem") {
    make_certificate(certificate_);
    server_ = std::make_unique<server>(to_port, certificate_);
}

tls_proxy::~tls_proxy() = default;

std::string tls_proxy::url() const {
    return "https://127.0.0.1:" + std::to_string(server_->port());
}

}  // namespace test
