using Xunit;

namespace United.Core.Tests.Text;

public sealed class TextRulesTests
{
    [Theory]
    [InlineData("a")]
    [InlineData("tab\tand\nnewline")]
    [InlineData("😀 e\u0301 \u202E as written")]
    public void Ordinary_text_passes(string text) => Assert.Null(Content(text));

    [Theory]
    [InlineData("")]
    [InlineData("a\0b")]
    [InlineData("a\rb")]
    [InlineData("a\u001b[0m")]
    [InlineData("a\u007f")]
    [InlineData("a\u0085")]
    public void Control_characters_are_refused(string text)
    {
        var refusal = Content(text);

        Assert.Equal((Fault.ValidationFailed, "content"), (refusal?.Fault, refusal?.Field));
    }

    [Fact] // not a theory: an attribute can't hold half a pair
    public void Half_a_surrogate_pair_is_refused()
    {
        foreach (var text in (string[])["a\ud800", "\udc00a", "\udc00\ud800", "\ud800"]) Assert.Equal("content", Content(text)?.Field);
    }

    [Fact]
    public void Length_is_counted_in_scalar_values()
    {
        Assert.Null(Content(string.Concat(Enumerable.Repeat("😀", 4000))));
        Assert.NotNull(Content(string.Concat(Enumerable.Repeat("😀", 4001))));
        Assert.NotNull(Content(new string('a', 4001)));
    }

    [Theory]
    [InlineData("two\nlines")]
    [InlineData("a\tb")]
    public void A_line_is_one_line(string text) => Assert.NotNull(TextRules.Line("topic", text, 0, 100));

    private static Refusal? Content(string text) => TextRules.Text("content", text, least: 1, most: TextRules.MostContent);
}
