using System.Globalization;
using United.Core;
using United.Core.Messages;
using ConversationList = United.Wire.Ws.ConversationList;

namespace United.Server.ProtoSocket;

/// <summary>A page of conversations, closed where it would pass 256 KiB. One conversation always fits.</summary>
internal static class ConversationListAnswer
{
    /// <param name="limit">Of those on the page; one more view tells that there are more.</param>
    public static ConversationList Of(IReadOnlyList<ConversationView> views, int limit)
    {
        var (list, room) = (new ConversationList(), HistoryAnswer.MostBytes);
        foreach (var view in views.Take(limit))
        {
            var shape = Shapes.Of(view);
            room -= Sizes.AsField(shape);
            if (room < 0) break;
            list.Conversations.Add(shape);
        }
        var shown = list.Conversations.Count;
        if (shown < views.Count && shown > 0) list.Next = Cursor(ListPlace.Of(views[shown - 1].Conversation));
        return list;
    }

    public static Result<ListPlace?> PlaceOf(string cursor)
    {
        if (cursor.Length == 0) return (ListPlace?)null;
        return cursor.Split('_') is [var at, var id] && long.TryParse(at, NumberStyles.None, CultureInfo.InvariantCulture, out var time) && Ids.TryParse(id, out var last)
            ? (ListPlace?)new ListPlace(time, last)
            : Refusal.Invalid("cursor", "is not one of ours");
    }

    private static string Cursor(ListPlace place) => string.Create(CultureInfo.InvariantCulture, $"{place.At}_{place.Id:D}");
}
