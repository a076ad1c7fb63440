#include "daemon/system/signals.hpp"

#include <pthread.h>

#include <utility>

namespace whylink::daemon {
namespace {

sigset_t ours() {
    sigset_t set;
    sigemptyset(&set);
    for (const int signal : {SIGHUP, SIGTERM, SIGINT}) {
        sigaddset(&set, signal);
    }
    return set;
}

}  // namespace

void hold_signals() {
    const sigset_t set = ours();
    pthread_sigmask(SIG_BLOCK, &set, nullptr);
}

SignalsBlocked::SignalsBlocked() {
    sigset_t all;
    sigfillset(&all);
    for (const int fault : {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGTRAP, SIGABRT}) {
        sigdelset(&all, fault);
    }
    pthread_sigmask(SIG_SETMASK, &all, &before_);
}

Signals::Signals(std::function<void(int)> on_signal)
    : on_signal_(std::move(on_signal)), thread_([this] { run(); }) {}

Signals::~Signals() {
    ended_ = true;
    pthread_kill(thread_.native_handle(), SIGHUP);
    thread_.join();
}

void Signals::run() {
    pthread_setname_np(pthread_self(), "whylink-signal");
    const sigset_t set = ours();
    for (;;) {
        int signal = 0;
        const int error = sigwait(&set, &signal);
        if (ended_) {
            return;
        }
        if (error == 0) {
            on_signal_(signal);
        }
    }
}

}  // namespace whylink::daemon
