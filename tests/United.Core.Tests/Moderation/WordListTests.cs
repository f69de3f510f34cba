using System.Diagnostics;
using United.Core.Moderation;
using Xunit;

namespace United.Core.Tests.Moderation;

public sealed class WordListTests
{
    private static readonly WordList Words = new(["# of the operator", "", " Darn ", "тьфу", "schĳt", "l33t"]);

    [Theory]
    [InlineData("darn")]
    [InlineData("Oh, DARN!")]
    [InlineData("ＤＡＲＮ")]
    [InlineData("da\u200brn")]
    [InlineData("da\u00adrn")]
    [InlineData("\"darn\"")]
    [InlineData("тьфу на вас")]
    [InlineData("ТЬФУ")]
    [InlineData("SCHIJT")]
    [InlineData("so l33t")]
    public void Whole_word_matches_however_it_is_written(string text) => Assert.True(Words.Matches(text));

    [Theory]
    [InlineData("")]
    [InlineData("darning")]
    [InlineData("adarn")]
    [InlineData("d a r n")]
    [InlineData("дarn")]
    [InlineData("# of the operator")]
    [InlineData("l33t3r")]
    public void Part_of_a_word_does_not(string text) => Assert.False(Words.Matches(text));

    [Fact]
    public void Longest_word_matches_and_what_is_longer_does_not()
    {
        var longest = new string('x', WordList.MostLength);
        var words = new WordList([longest]);

        Assert.True(words.Matches($"a {longest} b"));
        Assert.False(words.Matches(longest + "x"));
        Assert.False(words.Matches(longest + longest));
        Assert.False(words.Matches(new string('x', WordList.MostLength - 1)));
    }

    [Theory]
    [InlineData("two words")]
    [InlineData("semi;colon")]
    public void Line_that_could_never_match_is_refused(string line) => Assert.Throws<FormatException>(() => new WordList([line]));

    [Fact]
    public void Word_that_is_too_long_is_refused() => Assert.Throws<FormatException>(() => new WordList([new string('x', WordList.MostLength + 1)]));

    [Fact]
    public void Empty_list_matches_nothing() => Assert.False(WordList.Empty.Matches("darn"));

    [Fact]
    public void List_that_comes_along_can_be_read() => Assert.True(WordList.Default.Matches("What the FUCK"));
}
