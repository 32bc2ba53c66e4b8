// One factory per vendor's file; only the table of vendors calls them.
#pragma once

#include <memory>

#include "providers/adapter.h"
#include "providers/model_table.h"

namespace aigw::providers {

std::unique_ptr<Adapter> make_anthropic();
std::unique_ptr<Adapter> make_openai();
std::unique_ptr<Adapter> make_openai_with(Dialect dialect);
std::unique_ptr<Adapter> make_openai_compatible();
std::unique_ptr<Adapter> make_openai_compatible_with(Dialect dialect);
std::unique_ptr<Adapter> make_dashscope();
std::unique_ptr<Adapter> make_doubao();
std::unique_ptr<Adapter> make_gemini();
std::unique_ptr<Adapter> make_minimax();
std::unique_ptr<Adapter> make_simulated();

}  // namespace aigw::providers
