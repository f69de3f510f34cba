using United.Core.Messages;
using Xunit;

namespace United.Core.Tests.Messages;

public sealed class EmojiTests
{
    [Theory]
    [InlineData("👍")]
    [InlineData("👍🏽")]
    [InlineData("❤")]
    [InlineData("❤️")]
    [InlineData("☺️")]
    [InlineData("✅")]
    [InlineData("🇩🇪")]
    [InlineData("1️⃣")]
    [InlineData("#⃣")]
    [InlineData("👩‍💻")]
    [InlineData("👩🏻‍❤️‍💋‍👨🏼")]
    [InlineData("👨‍👩‍👧‍👦")]
    [InlineData("🏴󠁧󠁢󠁥󠁮󠁧󠁿")]
    [InlineData("🏳️‍🌈")]
    [InlineData("🫠")]
    [InlineData("like")]
    [InlineData("+1")]
    [InlineData("party_parrot-2")]
    [InlineData("x")]
    public void One_emoji_or_name_is_a_reaction(string text) => Assert.True(Emoji.IsReaction(text));

    [Theory]
    [InlineData("")]
    [InlineData("A")]
    [InlineData("é")]
    [InlineData("a b")]
    [InlineData("👍👍")]
    [InlineData("👍x")]
    [InlineData("🇩")]
    [InlineData("🇩🇪🇩")]
    [InlineData("👩‍")]
    [InlineData("‍👩")]
    [InlineData("👍🏽🏽")]
    [InlineData("👍\u0301")]
    [InlineData("🏴󠁧󠁢")]
    [InlineData("️")]
    [InlineData("汉")]
    [InlineData("👨‍👩‍👧‍👦‍👨‍👩‍👧‍👦‍👨‍👩‍👧‍👦")]
    [InlineData("<script>")]
    public void Anything_else_is_none(string text) => Assert.False(Emoji.IsReaction(text));
}
