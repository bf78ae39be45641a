#include "net/out_frames.h"

#include "net/scripted_peer.h"

namespace belay::net {
namespace {

std::string head(std::uint32_t stream, bool last) {
  return raw_frame(headers, last ? 5 : 4, stream, "hhh");
}
std::string body(std::uint32_t stream, std::string_view bytes) {
  return raw_frame(data, 1, stream, bytes);
}

std::vector<OutFrames::Mark> left(OutFrames& out) {
  std::vector<OutFrames::Mark> marks;
  while (const auto mark = out.next_left()) marks.push_back(*mark);
  return marks;
}

std::vector<OutFrames::Mark> leaving(const OutFrames& out, std::size_t sealed = 0) {
  std::vector<OutFrames::Mark> marks;
  out.each_leaving(sealed, [&](OutFrames::Mark mark) { marks.push_back(mark); });
  return marks;
}

struct TwoRequests {
  TwoRequests() {
    out.append(head(1, false), 1);
    out.append(body(1, "one"), 1);
    out.append(head(3, false), 2);
    out.append(body(3, "two"), 2);
  }
  OutFrames out;
  const std::size_t whole = head(1, false).size() + body(1, "one").size();
};

TEST(OutFrames, a_request_has_left_with_the_last_byte_of_END_STREAM_and_not_before) {
  TwoRequests t;
  t.out.accept(t.whole - 1);
  EXPECT_TRUE(left(t.out).empty());
  t.out.accept(1);
  EXPECT_EQ(left(t.out), std::vector<OutFrames::Mark>{1});
  t.out.accept(t.whole);
  EXPECT_EQ(left(t.out), std::vector<OutFrames::Mark>{2});
  EXPECT_EQ(t.out.backlog(), 0U);
}

TEST(OutFrames, a_frame_that_is_partly_accepted_is_leaving) {
  TwoRequests t;
  EXPECT_TRUE(leaving(t.out).empty());
  t.out.accept(head(1, false).size());
  EXPECT_TRUE(leaving(t.out).empty()) << "HEADERS without END_STREAM may be followed by a reset";
  t.out.accept(1);
  EXPECT_EQ(leaving(t.out), std::vector<OutFrames::Mark>{1});
}

TEST(OutFrames, sealed_bytes_count_as_leaving) {
  TwoRequests t;
  EXPECT_TRUE(leaving(t.out, head(1, false).size()).empty());
  EXPECT_EQ(leaving(t.out, head(1, false).size() + 1), std::vector<OutFrames::Mark>{1});
  EXPECT_EQ(leaving(t.out, 2 * t.whole), (std::vector<OutFrames::Mark>{1, 2}));
}

TEST(OutFrames, taking_back_cuts_DATA_and_keeps_HEADERS) {
  TwoRequests t;
  EXPECT_EQ(t.out.take_back(0, [](auto mark) { return mark == 1; }), 3U);
  EXPECT_EQ(t.out.unwritten(), head(1, false) + head(3, false) + body(3, "two"));
  t.out.accept(t.out.backlog());
  EXPECT_EQ(left(t.out), std::vector<OutFrames::Mark>{2});
}

TEST(OutFrames, taking_back_leaves_what_is_sealed) {
  TwoRequests t;
  const std::string before(t.out.unwritten());
  EXPECT_EQ(t.out.take_back(2 * t.whole, [](auto) { return true; }), 0U);
  EXPECT_EQ(t.out.unwritten(), before);
}

TEST(OutFrames, taking_back_after_a_partial_write_cuts_at_the_right_place) {
  TwoRequests t;
  t.out.accept(t.whole + 4);  // into the second HEADERS
  EXPECT_EQ(left(t.out), std::vector<OutFrames::Mark>{1});
  EXPECT_EQ(t.out.take_back(0, [](auto mark) { return mark == 2; }), 3U);
  EXPECT_EQ(t.out.unwritten(), head(3, false).substr(4));
}

TEST(OutFrames, a_request_without_body_loses_END_STREAM) {
  OutFrames out;
  out.append(head(1, true), 7);
  EXPECT_EQ(out.take_back(0, [](auto) { return true; }), 0U);
  EXPECT_EQ(out.unwritten(), head(1, false));
  out.accept(out.backlog());
  EXPECT_TRUE(left(out).empty());
}

TEST(OutFrames, a_header_block_in_parts_is_one_frame) {
  OutFrames out;
  out.append(raw_frame(headers, 1, 1, "part"), 7);  // END_STREAM without END_HEADERS
  EXPECT_TRUE(out.inside_headers());
  out.append(raw_frame(9, 4, 1, "rest"), 7);
  EXPECT_FALSE(out.inside_headers());
  out.accept(13);
  EXPECT_EQ(leaving(out), std::vector<OutFrames::Mark>{7});
  out.accept(13);
  EXPECT_EQ(left(out), std::vector<OutFrames::Mark>{7});
}

}  // namespace
}  // namespace belay::net
