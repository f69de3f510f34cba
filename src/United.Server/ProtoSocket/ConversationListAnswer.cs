using United.Core;
using United.Core.Messages;
using ConversationList = United.Wire.Ws.ConversationList;

namespace United.Server.ProtoSocket;

/// <summary>A page of conversations, closed where it would pass 256 KiB. One conversation always fits.</summary>
internal static class ConversationListAnswer
{
    /// <param name="limit">How many go on the page; one view beyond them says that there are more.</param>
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
        if (shown < views.Count && shown > 0) list.Next = PlaceOf(views[shown - 1]);
        return list;
    }

    public static Result<ListPlace?> PlaceOf(string cursor)
    {
        if (cursor.Length == 0) return (ListPlace?)null;
        return ListPlaces.Read(cursor).TryGet(out var place, out var refusal) ? (ListPlace?)new ListPlace(place.At, place.Id) : refusal;
    }

    private static string PlaceOf(ConversationView view)
    {
        var (at, id) = ListPlace.Of(view.Conversation);
        return ListPlaces.Write(at, id);
    }
}
