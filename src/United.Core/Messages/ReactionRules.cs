namespace United.Core.Messages;

/// <summary>Which reactions a message may bear (specification 2, reactions).</summary>
internal static class ReactionRules
{
    private const int MostOfUser = 20;
    private const int MostDistinct = 50;

    // Rows of those taken back stay for sync. Without a bound somebody could fill the table with one message and no end of names.
    private const int MostEverOfUser = 100;

    private static readonly string[] Few = ["like", "love", "haha", "wow", "sad", "pray"];

    /// <summary>Groups and direct conversations: each has one, and a second takes the place of the first.</summary>
    public static bool Replaces(ConversationKind kind) => kind != ConversationKind.Channel;

    /// <param name="own">Of who reacts, on this message, those taken back included.</param>
    public static Refusal? Refuse(ConversationKind kind, string emoji, List<OwnReaction> own)
    {
        if (Replaces(kind))
            return Few.Contains(emoji) ? null : Refusal.Invalid("emoji", "has to be one of like, love, haha, wow, sad, pray");
        if (!Emoji.IsReaction(emoji)) return Refusal.Invalid("emoji", "has to be one emoji, or a name of 1 to 32 of a-z 0-9 _ + -");
        var full = own.Count(row => !row.Removed) >= MostOfUser || (own.Count >= MostEverOfUser && own.TrueForAll(row => row.Emoji != emoji));
        return full ? new Refusal(Fault.TooMany) : null;
    }

    /// <param name="different">The emojis that stand on the message.</param>
    public static Refusal? Refuse(string emoji, List<string> different) =>
        different.Count >= MostDistinct && !different.Contains(emoji) ? new Refusal(Fault.TooMany) : null;
}
