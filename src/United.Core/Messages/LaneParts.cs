namespace United.Core.Messages;

/// <summary>
/// Cuts what gathered into runs of posts and runs of other changes, as few and long as the order within each conversation
/// allows: what stands behind something of the other sort in its own conversation waits for a later run.
/// </summary>
internal static class LaneParts
{
    public static IEnumerable<IReadOnlyList<LaneItem>> Of(IReadOnlyList<LaneItem> gathered)
    {
        for (var posts = true; gathered.Count > 0; posts = !posts)
        {
            var (run, left) = Split(gathered, posts);
            if (run.Count > 0) yield return run;
            gathered = left;
        }
    }

    private static (List<LaneItem> Run, List<LaneItem> Left) Split(IReadOnlyList<LaneItem> items, bool posts)
    {
        var (run, left, behind) = (new List<LaneItem>(items.Count), new List<LaneItem>(), new HashSet<Guid>());
        foreach (var item in items)
        {
            if (item is LaneItem<PostResult> == posts && !behind.Contains(item.ConversationId)) run.Add(item);
            else
            {
                behind.Add(item.ConversationId);
                left.Add(item);
            }
        }
        return (run, left);
    }
}
