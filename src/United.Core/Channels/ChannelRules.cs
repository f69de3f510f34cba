using United.Core.Identity;
using United.Core.Messages;
using United.Core.Storage;

namespace United.Core.Channels;

/// <summary>What channels may be called, and how many there may be.</summary>
internal static class ChannelRules
{
    public const int MostTopic = 1024;
    public const int MostCategory = 64;
    public const int MostPosition = 100_000;
    public const int MostChannels = 1000;
    public const int MostMembersAtOnce = 100;

    /// <returns>The channel with what was given in its place; all of it may stand.</returns>
    internal static Result<Conversation> Changed(Conversation channel, ChangeChannel change)
    {
        if (!NameRules.DisplayName(change.Name ?? channel.Name, "name").TryGet(out var name, out var refusal)) return refusal;
        var changed = channel with
        {
            Name = name,
            Topic = change.Topic ?? channel.Topic,
            Category = (change.Category ?? channel.Category).Trim(),
            Position = change.Position ?? channel.Position,
            Open = change.Private is { } closed ? !closed : channel.Open,
            ReadOnly = change.ReadOnly ?? channel.ReadOnly,
        };
        if (TextRules.Text("topic", changed.Topic, least: 0, MostTopic) is { } topic) return topic;
        if (TextRules.Line("category", changed.Category, least: 0, MostCategory) is { } category) return category;
        return changed.Position is < 0 or > MostPosition ? Refusal.Invalid("position", $"must be 0 to {MostPosition}") : changed;
    }

    /// <summary>Of two that take a name at the same moment, the unique index lets one through; the other is run again and then refused here.</summary>
    internal static async Task<Refusal?> NameTaken(Sql sql, Conversation channel) =>
        await sql.Exists("select 1 from conversations where name_key = @name and kind = 1 and deleted_at is null and id <> @id",
            ("name", Conversation.NameKey(channel.Name)), ("id", channel.Id))
            ? new Refusal(Fault.NameTaken, "name")
            : null;
}
