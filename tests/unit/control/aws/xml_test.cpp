#include "control/aws/xml.hpp"

#include <gtest/gtest.h>

namespace whylink::control {
namespace {

bool is_read(const std::string& body) {
    pugi::xml_document document;
    return parse_xml(document, body, "Response");
}

TEST(AwsXml, TakesTheRootThatIsAskedFor) {
    EXPECT_TRUE(
        is_read("<?xml version=\"1.0\"?><Response xmlns=\"http://ec2.amazonaws.com/\"><a>1</a></Response>"));
    EXPECT_FALSE(is_read("<ErrorResponse/>"));
    EXPECT_FALSE(is_read(""));
    EXPECT_FALSE(is_read("{\"Response\": 1}"));
}

TEST(AwsXml, RefusesWhatIsCutOff) {
    const std::string whole = "<Response><a>1</a><b>2</b></Response>";
    for (std::size_t size = 0; size < whole.size(); ++size) {
        EXPECT_FALSE(is_read(whole.substr(0, size))) << size;
    }
}

TEST(AwsXml, RefusesADtdAndItsEntities) {
    EXPECT_FALSE(
        is_read("<!DOCTYPE r [<!ENTITY a \"aaaa\"><!ENTITY b \"&a;&a;&a;\">]><Response>&b;</Response>"));
}

TEST(AwsXml, ExpandsNoEntityOfItsOwn) {
    pugi::xml_document document;
    ASSERT_TRUE(parse_xml(document, "<Response><a>&b; &lt;</a></Response>", "Response"));
    EXPECT_EQ(text_of(document.document_element(), "a"), "&b; <");
}

TEST(AwsXml, RefusesDepthWithoutRecursion) {
    constexpr int levels = 200'000;
    std::string body = "<Response>";
    for (int i = 0; i < levels; ++i) {
        body += "<a>";
    }
    for (int i = 0; i < levels; ++i) {
        body += "</a>";
    }
    EXPECT_FALSE(is_read(body + "</Response>"));
}

TEST(AwsXml, RefusesMoreElementsThanMemoryIsFor) {
    std::string body = "<Response>";
    for (std::size_t i = 0; i < max_xml_marks; ++i) {
        body += "<a/>";
    }
    EXPECT_FALSE(is_read(body + "</Response>"));
}

TEST(AwsXml, GivesNothingForWhatIsMissingOrOfAnotherType) {
    pugi::xml_document document;
    ASSERT_TRUE(
        parse_xml(document,
                  "<Response><yes>true</yes><on>on</on><no>false</no><word>maybe</word><minus>-1</minus>"
                  "<port>9440</port><at>2026-11-30T10:00:05.250Z</at><name>DB.Example.COM.</name></Response>",
                  "Response"));
    const pugi::xml_node root = document.document_element();
    EXPECT_EQ(bool_of(root, "yes"), true);
    EXPECT_EQ(bool_of(root, "on"), true);
    EXPECT_EQ(bool_of(root, "no"), false);
    EXPECT_EQ(bool_of(root, "word"), std::nullopt);
    EXPECT_EQ(bool_of(root, "missing"), std::nullopt);
    EXPECT_EQ(number_of(root, "port"), 9440U);
    EXPECT_EQ(number_of(root, "minus"), std::nullopt);
    EXPECT_EQ(number_of(root, "missing"), std::nullopt);
    EXPECT_TRUE(time_of(root, "at"));
    EXPECT_EQ(time_of(root, "word"), std::nullopt);
    EXPECT_EQ(text_of(root, "missing"), "");
    EXPECT_EQ(name_of(root, "name"), "db.example.com");
}

TEST(AwsXml, KeepsATokenAsItIsAndRefusesALongOne) {
    const std::string token(2'000, 'x');
    pugi::xml_document document;
    ASSERT_TRUE(parse_xml(
        document, "<Response><t>" + token + "</t><u>" + std::string(max_token + 1, 'y') + "</u></Response>",
        "Response"));
    EXPECT_EQ(token_of(document.document_element(), "t"), token);
    EXPECT_EQ(token_of(document.document_element(), "u"), std::nullopt);
    EXPECT_EQ(token_of(document.document_element(), "missing"), "");
}

TEST(AwsXml, TextsAreHarmless) {
    pugi::xml_document document;
    ASSERT_TRUE(parse_xml(document, "<Response><a>red \x1b[31m</a></Response>", "Response"));
    EXPECT_EQ(text_of(document.document_element(), "a"), "red \\x1b[31m");
}

}  // namespace
}  // namespace whylink::control
