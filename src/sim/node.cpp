#include "sim/node.h"

#include "store/sqlite/open.h"

namespace belay::sim {
namespace {
constexpr std::size_t loops = 2;
const std::string folder = "/data";
}  // namespace

Process::Process(const Surroundings& around, int node, const NodeClock& clock, const std::string& name)
    : around_(around), node_(node), clock_(clock), port_(around.disk, around.random, name) {}

// Tasks hold pointers into the engine: the threads go last, with what they had still to do.
Process::~Process() {
  engine_.reset();
  keeper_.reset();
  transports_.clear();
  tidy_timer_.reset();
  threads_.clear();
  executors_.clear();
  control_.reset();
  journal_.reset();
  store_.reset();
}

SimExecutor& Process::add_thread() {
  executors_.push_back(std::make_unique<SimExecutor>(clock_, around_.time));
  threads_.push_back(executors_.back().get());
  return *threads_.back();
}

bool Process::start() {
  store::SqliteOptions options;
  options.vfs = port_.name();
  options.make_folder = [](const std::string&) { return 0; };
  options.sync_folder = [this](const std::string&) { return port_.sync_folder(); };
  options.before_turn = around_.before_turn;
  auto opened = store::open_sqlite(folder, std::move(options));
  if (!opened) return false;
  store_ = std::move(*opened);
  auto control = store_->control(store::Lane::ordinary);
  auto journal = store_->journal();
  if (!control || !journal) return false;
  control_ = std::move(*control);
  journal_ = std::move(*journal);
  housekeeper_ = &add_thread();
  api_ = &add_thread();
  if (!own()) return false;
  housekeeper_->post([this] { tidy_up(); });
  return true;
}

bool Process::own() {
  if (!around_.shared) {
    auto owner = store_->ownership();
    if (!owner) return false;
    const auto seen = (*owner)->look();
    if (!seen) return false;
    const auto claimed = (*owner)->claim(*seen);
    if (!claimed) return false;
    around_.record(seen::Owned{node_, claimed->term});
    make_engine();
    return true;
  }
  dispatch::LeaseKeeper::Hooks hooks;
  hooks.owned = [this](std::int64_t term) {
    if (dead()) return;
    around_.record(seen::Owned{node_, term});
    make_engine();
  };
  hooks.lost = [this](const std::string&) { lost_ = true; };
  keeper_ = std::make_unique<dispatch::LeaseKeeper>(*store_, clock_, *housekeeper_, dispatch::LeaseOptions{},
                                                    std::move(hooks));
  housekeeper_->post([this] { keeper_->stand_by(); });
  return true;
}

void Process::make_engine() {
  std::vector<dispatch::LoopSeat> seats;
  for (std::size_t i = 0; i < loops; ++i) {
    SimExecutor& loop = add_thread();
    transports_.push_back(around_.provider.transport(node_, clock_, loop));
    seats.push_back({&loop, transports_.back().get()});
  }
  SimExecutor &runner = add_thread(), &planner = add_thread(), &brake = add_thread(), &courier = add_thread();
  engine_ =
      std::make_unique<dispatch::Engine>(dispatch::Ports{.clock = clock_,
                                                         .random = around_.random,
                                                         .store = *store_,
                                                         .loops = std::move(seats),
                                                         .runner = runner,
                                                         .planner = planner,
                                                         .brake = brake,
                                                         .courier = courier,
                                                         .lease = keeper_ ? &keeper_->lease() : nullptr},
                                         around_.engine);
  engine_->start();
}

void Process::tidy_up() {
  (void)store_->tidy_up();  // there is a next time
  tidy_timer_ = housekeeper_->after(Seconds{1}, [this] { tidy_up(); });
}

void Process::end_in_order() {
  if (std::exchange(ending_, true)) return;  // a server is asked once
  if (!engine_) {
    ended_ = true;
    return;
  }
  engine_->drain(Seconds{5}, [this] { ended_ = true; });
}

}  // namespace belay::sim
