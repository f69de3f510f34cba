using System.Globalization;
using United.Core.Messages;
using Xunit;

namespace United.Core.Tests.Messages;

/// <summary>What the index holds was made by an earlier version: nothing here may change without a rebuild.</summary>
public sealed class SearchTextTests
{
    [Theory]
    [InlineData("", "")]
    [InlineData(" \t\r\n ", "")]
    [InlineData("The  QUICK\n\tfox ", "the quick fox")]
    [InlineData("  leading", "leading")]
    [InlineData("[\\]^_`@{|}~ AZ az 09", "[\\]^_`@{|}~ az az 09")]
    [InlineData("\u001c\u001f\u0000X", "\u001c\u001f\u0000x")]
    [InlineData("A\u00a0\u2003B\u3000", "a b")]
    [InlineData("ΣΊΣΥΦΟΣ Σίσυφος", "σίσυφοσ σίσυφοσ")]
    [InlineData("ﬁx Ａ① K", "fix a1 k")]
    [InlineData("Cafe\u0301", "café")]
    public void Folds(string text, string folded) => Assert.Equal(folded, SearchText.Fold(text));

    [Fact]
    public void Numbers_of_trigrams_stay_what_they_are()
    {
        var grams = new HashSet<int>();
        SearchText.AddGrams("abcd", grams);
        SearchText.AddGrams("ab", grams);
        SearchText.AddGrams("👍🏽x", grams);

        Assert.Equal([-1965315989, 509593744, -1104584197], grams);
    }

    [Theory]
    [InlineData("018c5a00-0000-7000-8000-0123456789ab", "018c5a00-0000-7000-8000-ffffffffffff")]
    [InlineData("018c5a00-0000-7000-8000-000000000000", "018c5a00-0000-7000-8000-fffefffdfffc")]
    public void Conversation_and_sender_are_the_same_trigrams_in_what_is_stored_and_what_is_looked_for(string conversation, string sender)
    {
        var (conversationId, senderId) = (Guid.Parse(conversation, CultureInfo.InvariantCulture), Guid.Parse(sender, CultureInfo.InvariantCulture));
        var (stored, asked) = (new HashSet<int>(), new HashSet<int>());

        SearchText.AddScopes(conversationId, senderId, stored);
        SearchText.AddGrams(SearchText.OfConversation(conversationId), asked);
        SearchText.AddGrams(SearchText.OfSender(senderId), asked);

        Assert.Equal(2, stored.Count);
        Assert.Equal(asked, stored);
        Assert.Equal(3, SearchText.OfConversation(conversationId).EnumerateRunes().Count());
    }
}
