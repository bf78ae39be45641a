#include "api/compatibility.h"

#include <gtest/gtest.h>

namespace belay::api {
namespace {

TEST(Compatibility, blanks_stand_where_they_were_recorded) {
  EXPECT_EQ(with_recorded_blanks(R"({"status":"success","processed":1,"unprocessed":[]})"),
            R"({ "status" : "success" , "processed" : 1 , "unprocessed" : [ ]})");
  EXPECT_EQ(with_recorded_blanks(R"({"unprocessed":[{"code":516,"record":{"Phone":"+44+441234"}}]})"),
            R"({ "unprocessed" : [ { "code" : 516 , "record" : { "Phone" : "+44+441234"}}]})");
}

TEST(Compatibility, texts_keep_what_they_say) {
  EXPECT_EQ(with_recorded_blanks(R"({"a":"x:y,{[ \"z\\"})"), R"({ "a" : "x:y,{[ \"z\\"})");
}

}  // namespace
}  // namespace belay::api
