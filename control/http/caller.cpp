#include "control/http/caller.hpp"

#include <algorithm>
#include <charconv>
#include <thread>
#include <utility>

#include <fmt/chrono.h>
#include <fmt/format.h>

#include "config/outside_text.hpp"

namespace whylink::control {

namespace {

using namespace std::chrono_literals;

/// A call is sent at most so often.
constexpr int max_attempts = 3;
constexpr auto first_pause = 100ms;
/// An answer that asks for more is not believed: somebody wrote it who wants to be left alone.
constexpr auto longest_wait = 1h;
constexpr auto usual_wait = 5s;
constexpr std::size_t max_memory = 64UL << 20;
/// Of one account at once.
constexpr std::size_t max_parallel = 6;

Time to_time(std::chrono::system_clock::time_point at) {
    return std::chrono::time_point_cast<std::chrono::milliseconds>(at);
}

std::string_view text_of(Failure failure) {
    switch (failure) {
        case Failure::resolve:
            return "the name of the API does not resolve";
        case Failure::connect:
            return "no connection to the API";
        case Failure::timeout:
            return "time-out";
        case Failure::tls:
            return "TLS failed";
        case Failure::proxy:
            return "the proxy failed";
        case Failure::cut:
            return "the answer was cut off";
        case Failure::too_large:
            return "the answer is larger than 16 MiB";
        case Failure::redirect:
            return "the API redirects";
        case Failure::none:
        case Failure::other:
            break;
    }
    return "the request failed";
}

Reply reply_of(const HttpRequest& request, const HttpResponse& response) {
    const bool is_answer = response.failure == Failure::cut || response.failure == Failure::too_large ||
                           response.failure == Failure::redirect || response.failure == Failure::other;
    return failed(is_answer ? Result::error : Result::unreachable,
                  fmt::format("{}: {} ({})", request.host, text_of(response.failure), response.error));
}

/// Worth another attempt: the same may end otherwise at once.
bool is_passing(const HttpResponse& response) {
    if (response.failure != Failure::none) {
        return response.failure == Failure::connect || response.failure == Failure::cut;
    }
    return response.status == 500 || response.status == 502 || response.status == 503 ||
           response.status == 504;
}

bool is_remembered(Result result) {
    return result == Result::ok || result == Result::not_found || result == Result::forbidden;
}

std::string time_text(std::chrono::steady_clock::time_point at) {
    const auto then =
        std::chrono::system_clock::now() + std::chrono::duration_cast<std::chrono::system_clock::duration>(
                                               at - std::chrono::steady_clock::now());
    return fmt::format("{:%H:%M:%SZ}", fmt::gmtime(std::chrono::system_clock::to_time_t(then)));
}

/// What a reply takes in memory, the call that it answers included.
std::size_t bytes_of(const Reply& reply) {
    constexpr std::size_t around = 1024;
    return reply.body.size() + around;
}

std::optional<std::chrono::seconds> seconds_in(std::string_view text) {
    std::int64_t value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc() || end != text.data() + text.size() || value < 0) {
        return std::nullopt;
    }
    return std::chrono::seconds(std::min(value, std::int64_t{std::chrono::seconds(longest_wait).count()}));
}

}  // namespace

Reply failed(Result result, std::string detail) {
    Reply reply;
    reply.result = result;
    reply.detail = std::move(detail);
    return reply;
}

CredentialFault without_token(int status, std::string detail) {
    const Result result = status == 429   ? Result::throttled
                          : status >= 500 ? Result::error
                                          : Result::credentials;
    return {result, std::move(detail)};
}

std::optional<std::chrono::seconds> asked_wait(const HttpResponse& response) {
    for (const std::string_view name : {"retry-after", "x-ratelimit-reset"}) {
        if (const auto wait = seconds_in(response.header(name))) {
            return wait;
        }
    }
    return std::nullopt;
}

struct Caller::Attempt {
    Call call;
    HttpRequest request;
    int sent = 0;
    bool renewed = false;
    Clock::time_point may_at{};
    std::optional<Reply> reply;
};

Caller::Caller(Transport& transport, Dialect& dialect, Redaction& redaction)
    : transport_(transport), dialect_(dialect), redaction_(redaction) {}

Reply Caller::call(const Call& call, const Terms& terms) {
    return std::move(call_all(std::span(&call, 1), terms).front());
}

std::vector<Reply> Caller::call_all(std::span<const Call> calls, const Terms& terms) {
    std::vector<Attempt> attempts;
    for (const Call& call : calls) {
        Attempt attempt;
        attempt.call = call;
        if (const Reply* known = recall(call, terms)) {
            attempt.reply = *known;
            attempt.reply->remembered = true;
        } else {
            prepare(attempt, terms);
        }
        attempts.push_back(std::move(attempt));
    }
    while (true) {
        std::vector<Attempt*> open;
        for (Attempt& attempt : attempts) {
            if (!attempt.reply) {
                open.push_back(&attempt);
            }
        }
        if (open.empty()) {
            break;
        }
        std::ranges::stable_sort(open, {}, &Attempt::may_at);
        std::this_thread::sleep_until(open.front()->may_at);
        const auto now = Clock::now();
        const auto later = std::ranges::find_if(open, [&](const Attempt* one) { return one->may_at > now; });
        const auto ready = std::min(max_parallel, static_cast<std::size_t>(later - open.begin()));
        send(std::span(open).first(std::max<std::size_t>(1, ready)), terms);
    }
    std::vector<Reply> replies;
    replies.reserve(attempts.size());
    for (Attempt& attempt : attempts) {
        replies.push_back(std::move(*attempt.reply));
    }
    return replies;
}

/// The request, its authorisation and its place in the pace; or the reply that says why there is none.
void Caller::prepare(Attempt& attempt, const Terms& terms) {
    auto made = make_request(attempt.call);
    if (const auto* refused = std::get_if<Refused>(&made)) {
        end(attempt, failed(Result::error, refused->reason));
        return;
    }
    attempt.request = std::move(std::get<HttpRequest>(made));
    TokenBucket& tokens = bucket(operation(attempt.call.op).api);
    const auto may = tokens.take(std::max(Clock::now(), attempt.may_at), terms.until);
    if (!may) {
        const auto closed = tokens.closed_until();
        end(attempt, failed(Result::throttled, closed > Clock::now()
                                                   ? "not asked again before " + time_text(closed)
                                                   : "not asked in time: the pace of calls was used up"));
        return;
    }
    attempt.may_at = std::max(*may, attempt.may_at);
    if (attempt.may_at >= terms.until) {
        end(attempt, failed(Result::unreachable, "not asked in time"));
        return;
    }
    if (auto missing = dialect_.authorise(attempt.request, terms.until)) {
        end(attempt, failed(missing->result, std::move(missing->detail)));
    }
}

void Caller::send(std::span<Attempt* const> batch, const Terms& terms) {
    std::vector<HttpRequest> requests;
    requests.reserve(batch.size());
    for (Attempt* attempt : batch) {
        ++attempt->sent;
        requests.push_back(std::move(attempt->request));
    }
    std::vector<HttpResponse> responses = transport_.perform(requests, terms.until);
    for (std::size_t i = 0; i < batch.size(); ++i) {
        batch[i]->request = std::move(requests[i]);
        conclude(*batch[i], std::move(responses[i]), terms);
    }
}

void Caller::conclude(Attempt& attempt, HttpResponse response, const Terms& terms) {
    Reply reply = response.failure == Failure::none ? dialect_.classify(operation(attempt.call.op), response)
                                                    : reply_of(attempt.request, response);
    reply.status = response.status;
    reply.read_at = to_time(response.received_at);
    ++counts_[{attempt.call.op, reply.result}];
    bool again = false;
    if (reply.result == Result::throttled) {
        const auto wait = std::min<Clock::duration>(asked_wait(response).value_or(usual_wait), longest_wait);
        bucket(operation(attempt.call.op).api).close_until(Clock::now() + wait);
        reply.detail += ", not asked again before " + time_text(Clock::now() + wait);
        again = attempt.sent < max_attempts && Clock::now() + wait < terms.until;
    } else if (reply.result == Result::credentials && !attempt.renewed && dialect_.renew()) {
        attempt.renewed = true;
        again = true;
    } else if (is_passing(response)) {
        again = attempt.sent < max_attempts;
        attempt.may_at = Clock::now() + first_pause * (1 << attempt.sent);
        again = again && attempt.may_at < terms.until;
    }
    if (again) {
        prepare(attempt, terms);
        return;
    }
    if (response.failure == Failure::none) {
        reply.location = response.header("location");
        reply.body = std::move(response.body);
    }
    end(attempt, std::move(reply));
}

void Caller::end(Attempt& attempt, Reply reply) {
    if (reply.read_at == Time{}) {
        reply.read_at = to_time(std::chrono::system_clock::now());
    }
    reply.detail = redaction_.apply(outside_text(reply.detail));
    if (attempt.sent > 0 && is_remembered(reply.result)) {
        remember(attempt.call, reply);
    }
    attempt.reply = std::move(reply);
}

const Reply* Caller::recall(const Call& call, const Terms& terms) const {
    const auto found = memory_.find(call);
    return found != memory_.end() && found->second.read_at >= terms.not_before ? &found->second : nullptr;
}

void Caller::remember(const Call& call, const Reply& reply) {
    const auto [place, is_new] = memory_.try_emplace(call);
    memory_bytes_ -= is_new ? 0 : bytes_of(place->second);
    place->second = reply;
    memory_bytes_ += bytes_of(reply);
    while (memory_bytes_ > max_memory) {
        const auto oldest =
            std::ranges::min_element(memory_, {}, [](const auto& entry) { return entry.second.read_at; });
        memory_bytes_ -= bytes_of(oldest->second);
        memory_.erase(oldest);
    }
}

TokenBucket& Caller::bucket(Api api) {
    return buckets_.try_emplace(api, pace_of(api), Clock::now()).first->second;
}

std::vector<Caller::Count> Caller::take_counts() {
    std::vector<Count> taken;
    taken.reserve(counts_.size());
    for (const auto& [key, count] : std::exchange(counts_, {})) {
        taken.push_back({key.first, key.second, count});
    }
    return taken;
}

}  // namespace whylink::control
