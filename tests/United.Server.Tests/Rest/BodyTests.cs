using System.Text;
using System.Text.Json.Serialization;
using United.Core;
using United.Server.Rest;
using Xunit;

namespace United.Server.Tests.Rest;

public sealed class BodyTests
{
    [Fact]
    public void A_good_body_is_read_and_unknown_names_change_nothing()
    {
        var body = Parse("""{"status":201,"title":"t","type":"x","code":"c","sender_id":"someone","role":{"is":["owner",{}]}}""");

        Assert.Equal(new Problem { Type = "x", Title = "t", Status = 201, Code = "c" }, body.Value);
    }

    [Theory]
    [InlineData("""{"type":"x","title":"t","status":"201","code":"c"}""", "status")]
    [InlineData("""{"type":"x","title":"t","status":1e309,"code":"c"}""", "status")]
    [InlineData("""{"type":"x","title":"t","status":2.5,"code":"c"}""", "status")]
    [InlineData("""{"type":["x"],"title":"t","status":1,"code":"c"}""", "type")]
    [InlineData("""{"type":"x","title":null,"status":1,"code":"c"}""", "title")]
    [InlineData("""{"type":"x","title":"t","status":1}""", "code")]
    [InlineData("""{"type":"x","type":"x","title":"t","status":1,"code":"c"}""", "type")]
    [InlineData("""{"type":"x","title":"t","status":1,"code":"c","other":1,"other":2}""", "other")]
    [InlineData("""{"type":"x","title":"t","status":1,"code":"c","other":{"inner":1,"inner":2}}""", "inner")]
    [InlineData("""{"type":"x","title":"t","status":1,"code":"c","other":1e309}""", "other")]
    [InlineData("""{"type":"x","title":"\ud800","status":1,"code":"c"}""", "title")]
    [InlineData("""{"type":"x","title":"t","status":1,"code":"c","other":"\udc00"}""", "other")]
    public void What_is_wrong_is_refused_by_the_name_of_the_field(string json, string field)
    {
        var refusal = Parse(json).Refusal!;

        Assert.Equal((Fault.ValidationFailed, field), (refusal.Fault, refusal.Field));
    }

    [Theory]
    [InlineData("")]
    [InlineData("{")]
    [InlineData("{} {}")]
    [InlineData("{,}")]
    [InlineData("""{"a":1,}""")]
    [InlineData("// a\n{}")]
    [InlineData("{\"a\":NaN}")]
    public void What_is_not_json_is_malformed(string json) => Assert.Equal(Fault.Malformed, Parse(json).Refusal!.Fault);

    [Theory]
    [InlineData("[]")]
    [InlineData("null")]
    [InlineData("7")]
    [InlineData("\"text\"")]
    public void What_is_not_an_object_is_refused(string json) => Assert.Equal(Fault.ValidationFailed, Parse(json).Refusal!.Fault);

    [Fact]
    public void Depth_ends_at_32()
    {
        Assert.Equal(Fault.Malformed, Parse(Deep(32)).Refusal!.Fault);
        Assert.Equal("code", Parse(Deep(31)).Refusal!.Field);
        Assert.Equal(Fault.Malformed, Parse(Deep(100_000)).Refusal!.Fault);

        static string Deep(int arrays) =>
            $$"""{"type":"x","title":"t","status":1,"other":{{new string('[', arrays)}}{{new string(']', arrays)}}}""";
    }

    [Fact]
    public void Bytes_that_are_no_utf8_are_malformed()
    {
        byte[] bytes = [.. "{\"type\":\""u8, 0xC3, 0x28, .. "\"}"u8];

        Assert.Equal(Fault.Malformed, Body.Parse<Problem>(bytes).Refusal!.Fault);
    }

    private static Result<Problem> Parse(string json) => Body.Parse<Problem>(Encoding.UTF8.GetBytes(json));
}
