using Npgsql;

namespace United.Core.Messages;

/// <summary>Forms of the post statement, from the cheapest.</summary>
internal enum PostForm
{
    /// <summary>One message, by the kind of its conversation.</summary>
    LoneInChannel,
    LoneInGroup,
    LoneInDirect,

    /// <summary>Many, in channels.</summary>
    Plain,

    /// <summary>Many, wherever.</summary>
    Talk,

    /// <summary>Many, whatever they bring.</summary>
    Full,
}

/// <summary>One form of the post statement, with its parameters.</summary>
internal abstract class PostCommand : IAsyncDisposable
{
    public static PostCommand Of(NpgsqlConnection connection, PostForm form) => form switch
    {
        PostForm.LoneInChannel => new LonePostCommand(connection, LonePostStatement.InChannel),
        PostForm.LoneInGroup => new LonePostCommand(connection, LonePostStatement.InGroup),
        PostForm.LoneInDirect => new LonePostCommand(connection, LonePostStatement.InDirect),
        _ => new ManyPostsCommand(connection, form),
    };

    /// <returns>A row for each, in their order. Committed when the reader has found no further result.</returns>
    public abstract Task<NpgsqlDataReader> Execute(PostDraft[] drafts);

    public abstract ValueTask DisposeAsync();
}
