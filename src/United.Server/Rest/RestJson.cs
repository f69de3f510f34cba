using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;

namespace United.Server.Rest;

/// <summary>
/// How JSON is read and written here: one set of rules for all routes. Each <c>XApi.cs</c> declares its bodies in a small
/// <see cref="JsonSerializerContext"/> of its own (without options: they stand here) and adds it to <see cref="Contexts"/>.
/// </summary>
internal static class RestJson
{
    public const int MaxDepth = 32;

    private static readonly JsonSerializerContext[] Contexts =
    [
        ProblemJson.Default,
        HealthJson.Default,
        PresenceJson.Default,
        ServerJson.Default,
        AuthJson.Default,
        AccountJson.Default,
        UsersJson.Default,
        ModerationJson.Default,
        AuditJsonContext.Default,
        InvitesJson.Default,
        RolesJson.Default,
        SettingsApiJson.Default,
        MessageJsonContext.Default,
        ChannelsJson.Default,
        ConversationsJson.Default,
        RequestsJson.Default,
        MessagesJson.Default,
        ReactionsJson.Default,
        ReportsJsonContext.Default,
        WatermarksJson.Default,
        ReceiptsJson.Default,
        SyncJsonContext.Default,
        SearchJson.Default,
        MediaJson.Default,
        DirectMessagesJson.Default,
    ];

    /// <summary>All records of this wire, under whatever names the options that ask for them use.</summary>
    public static IJsonTypeInfoResolver Resolver { get; } = JsonTypeInfoResolver.Combine(Contexts);

    public static JsonSerializerOptions Options { get; } = Create();

    public static JsonTypeInfo<T> Of<T>() => (JsonTypeInfo<T>)Options.GetTypeInfo(typeof(T));

    public static void Apply(JsonSerializerOptions options)
    {
        ApplyStrictness(options);
        options.PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower;
        options.TypeInfoResolver = Resolver;
    }

    /// <summary>What holds for every JSON that clients send, and for the form of ours.</summary>
    public static void ApplyStrictness(JsonSerializerOptions options)
    {
        options.MaxDepth = MaxDepth;
        // Written as it is, not in escapes: our answers are application/json with nosniff, never part of a page.
        options.Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping;
        options.AllowDuplicateProperties = false;
        options.RespectNullableAnnotations = true;
        options.RespectRequiredConstructorParameters = true;
        options.NumberHandling = JsonNumberHandling.Strict;
        options.PropertyNameCaseInsensitive = false;
        options.Converters.Add(new IdConverter());
    }

    private static JsonSerializerOptions Create()
    {
        var options = new JsonSerializerOptions(JsonSerializerDefaults.General);
        Apply(options);
        options.MakeReadOnly();
        return options;
    }
}
