using United.Core.Identity;
using Xunit;

namespace United.Core.Tests.Identity;

public sealed class NameRulesTests
{
    [Theory]
    [InlineData("al", "al")]
    [InlineData("Alice.B_c-9", "alice.b_c-9")]
    [InlineData("a2345678901234567890123456789012", "a2345678901234567890123456789012")]
    public void A_username_is_folded_to_small_letters(string given, string kept) => Assert.Equal(kept, NameRules.Username(given).Value);

    [Theory]
    [InlineData("")]
    [InlineData("a")]
    [InlineData("a23456789012345678901234567890123")]
    [InlineData("with space")]
    [InlineData("\u0430dmin")] // Cyrillic a
    [InlineData("a\u212A")] // Kelvin sign, which folds to k
    [InlineData("ad\u200Bmin")]
    [InlineData("a\0b")]
    [InlineData("née")]
    [InlineData("a@b")]
    public void Anything_but_plain_ascii_is_no_username(string given) => Assert.Equal("username", NameRules.Username(given).Refusal?.Field);

    [Theory]
    [InlineData("  Ann  ", "Ann")]
    [InlineData("e\u0301ric", "\u00e9ric")]
    [InlineData("👨‍👩‍👧‍👦", "👨‍👩‍👧‍👦")]
    [InlineData("👩🏽‍🚀", "👩🏽‍🚀")]
    [InlineData("❤️‍🔥 نام", "❤️‍🔥 نام")]
    public void A_display_name_is_trimmed_and_composed(string given, string kept) => Assert.Equal(kept, NameRules.DisplayName(given).Value);

    [Theory]
    [InlineData("")]
    [InlineData("   ")]
    [InlineData("a\u202Eb")] // turns direction
    [InlineData("a\u2066b")]
    [InlineData("a\u200Bb")] // zero width
    [InlineData("a\u200Db")] // joiner outside a picture
    [InlineData("👩\u200D")]
    [InlineData("\u200D👩")]
    [InlineData("a\uFEFFb")]
    [InlineData("a\u00ADb")]
    [InlineData("a\nb")]
    [InlineData("a\0b")]
    [InlineData("a\u2028b")]
    [InlineData("\u3164")] // Hangul filler
    [InlineData("\u2800\u2800")]
    [InlineData("\ue000")]
    [InlineData("a\U000E0041")] // tag
    public void What_hides_or_turns_text_is_refused(string given) => Assert.Equal("display_name", NameRules.DisplayName(given).Refusal?.Field);

    [Fact]
    public void Half_a_surrogate_pair_is_refused() => Assert.False(NameRules.DisplayName("a\ud800").Ok || NameRules.Username("ab\ud800").Ok);

    [Fact]
    public void Characters_are_counted_as_people_count_them()
    {
        Assert.True(NameRules.DisplayName(string.Concat(Enumerable.Repeat("ñ", 64))).Ok);
        Assert.True(NameRules.DisplayName(string.Concat(Enumerable.Repeat("n\u0303", 64))).Ok);
        Assert.False(NameRules.DisplayName(new string('n', 65)).Ok);
        Assert.False(NameRules.DisplayName(string.Concat(Enumerable.Repeat("👨‍👩‍👧‍👦", 64))).Ok); // more than a token can carry
    }

    [Fact]
    public void A_character_carries_eight_marks_at_most()
    {
        Assert.True(NameRules.DisplayName("Z" + new string('\u0336', 8)).Ok);
        Assert.False(NameRules.DisplayName("Z" + new string('\u0336', 9)).Ok);
        Assert.False(NameRules.DisplayName("Z" + new string('\u0336', 300)).Ok);
    }

    [Fact]
    public void A_bio_has_500_characters()
    {
        Assert.Null(NameRules.Bio(""));
        Assert.Null(NameRules.Bio("lines\n" + new string('b', 494)));
        Assert.NotNull(NameRules.Bio(new string('b', 501)));
        Assert.NotNull(NameRules.Bio("a\0"));
    }
}
