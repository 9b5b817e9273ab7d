#pragma once

// Everything that the library offers.
#include <tidemark/batch.hpp>
#include <tidemark/conflict.hpp>
#include <tidemark/error.hpp>
#include <tidemark/network.hpp>
#include <tidemark/replica.hpp>
#include <tidemark/report.hpp>
#include <tidemark/value.hpp>
#include <tidemark/watcher.hpp>
