using United.Core.Messages;
using United.Wire.Chat;

namespace United.Server.ProtoSocket;

/// <summary>
/// A page of history, cut where an answer would pass 256 KiB: what lies nearest to where the reader asked is kept, and the page says that
/// there is more. One message always fits.
/// </summary>
internal static class HistoryAnswer
{
    public const int MostBytes = 256 * 1024;

    public static FetchHistoryResponse Of(ReadHistory asked, HistoryPage page)
    {
        var messages = page.Messages.Select(Shapes.Of).ToList();
        var (from, to) = Kept(asked, messages);
        var (newer, older) = (from > 0, to < messages.Count);
        var answer = new FetchHistoryResponse
        {
            HasMore = page.HasMore || (asked.After is null ? older : newer),
            HasBefore = page.HasBefore || (asked.Around is not null && older),
            HasAfter = page.HasAfter || (asked.Around is not null && newer),
        };
        answer.Messages.AddRange(messages[from..to]);
        return answer;
    }

    // Messages come newest first: the range grows from the end that the reader holds on to, or from the middle both ways.
    private static (int From, int To) Kept(ReadHistory asked, List<ChatMessage> messages)
    {
        var start = asked switch
        {
            { After: not null } => messages.Count,
            { Around: { } around } => Math.Max(0, messages.FindIndex(message => (long)message.ServerSequence <= around)),
            _ => 0,
        };
        var (from, to, room) = (start, start, MostBytes);
        for (var grew = true; grew;)
        {
            grew = false;
            if (to < messages.Count && Fits(messages[to], ref room)) (to, grew) = (to + 1, true);
            if (from > 0 && Fits(messages[from - 1], ref room)) (from, grew) = (from - 1, true);
        }
        return (from, to);
    }

    private static bool Fits(ChatMessage message, ref int room)
    {
        var size = Sizes.AsField(message);
        if (size > room) return false;
        room -= size;
        return true;
    }
}
