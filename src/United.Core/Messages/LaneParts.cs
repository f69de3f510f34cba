namespace United.Core.Messages;

/// <summary>
/// Cuts what gathered into runs of posts of text and runs of other changes, as few and long as the order within each conversation
/// allows: what stands behind something of the other sort in its own conversation waits for a later run. Watermarks, which
/// keep no order with anything, are a run of their own at the end.
/// </summary>
internal static class LaneParts
{
    public static IEnumerable<IReadOnlyList<LaneItem>> Of(IReadOnlyList<LaneItem> gathered)
    {
        var watermarks = gathered.Where(item => item.Change is WatermarkChange).ToList();
        var left = watermarks.Count == 0 ? gathered : [.. gathered.Where(item => item.Change is not WatermarkChange)];
        for (var posts = true; left.Count > 0; posts = !posts)
        {
            (var run, left) = Split(left, posts);
            if (run.Count > 0) yield return run;
        }
        if (watermarks.Count > 0) yield return watermarks;
    }

    private static (List<LaneItem> Run, List<LaneItem> Left) Split(IReadOnlyList<LaneItem> items, bool posts)
    {
        var (run, left, behind) = (new List<LaneItem>(items.Count), new List<LaneItem>(), new HashSet<Guid>());
        foreach (var item in items)
        {
            if (item.Change is PostChange { Draft.IsText: true } == posts && !behind.Contains(item.ConversationId)) run.Add(item);
            else
            {
                behind.Add(item.ConversationId);
                left.Add(item);
            }
        }
        return (run, left);
    }
}
