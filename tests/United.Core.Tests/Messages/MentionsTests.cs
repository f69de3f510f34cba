using United.Core.Messages;
using Xunit;

namespace United.Core.Tests.Messages;

public sealed class MentionsTests
{
    private const string Id = "01890a5d-ac96-774b-bcce-b302099a8057";

    [Theory]
    [InlineData($"@user:{Id}", MentionKind.User)]
    [InlineData($"(@user:{Id}),", MentionKind.User)]
    [InlineData($"@@user:{Id}", MentionKind.User)]
    [InlineData($"hey@role:{Id}.", MentionKind.Role)]
    [InlineData($"@user:x @role:{Id}", MentionKind.Role)]
    public void Mention_is_found_wherever_it_stands(string content, MentionKind kind) =>
        Assert.Equal([new Mention(kind, Guid.Parse(Id))], Mentions.In(content, everyone: false));

    [Theory]
    [InlineData("no mention")]
    [InlineData("@")]
    [InlineData("@user:")]
    [InlineData($"user:{Id}")]
    [InlineData("@user:01890A5D-AC96-774B-BCCE-B302099A8057")]
    [InlineData($"@user:{Id}0")]
    [InlineData($"@user:{Id}-")]
    [InlineData("@user:01890a5dac96774bbcceb302099a8057")]
    [InlineData($"@User:{Id}")]
    [InlineData("@everyones")]
    [InlineData("@everyone_else")]
    public void What_only_looks_like_one_is_text(string content) => Assert.Empty(Mentions.In(content, everyone: true));

    [Theory]
    [InlineData("@everyone", true, true)]
    [InlineData("look, @everyone!", true, true)]
    [InlineData("@everyone", false, false)]
    public void Everyone_is_meant_by_those_who_may(string content, bool may, bool meant) =>
        Assert.Equal(meant, Mentions.In(content, may).Contains(new Mention(MentionKind.Everyone, Guid.Empty)));

    [Fact]
    public void First_twenty_different_ones_count_and_everyone_besides()
    {
        var ids = Enumerable.Range(0, 30).Select(_ => Guid.CreateVersion7()).ToArray();
        var content = string.Concat(ids.Select(id => $"@user:{id} @user:{id} ")) + "@everyone";

        var found = Mentions.In(content, everyone: true);

        Assert.Equal(ids[..20].Order(), Mentions.Of(MentionKind.User, found));
        Assert.Single(Mentions.Of(MentionKind.Everyone, found));
    }
}
