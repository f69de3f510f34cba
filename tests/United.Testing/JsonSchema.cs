using System.Text.Json;

namespace United.Testing;

/// <summary>As much of JSON Schema as our OpenAPI document uses, and stricter: a property that a schema does not name is broken.</summary>
internal static class JsonSchema
{
    private const string Reference = "#/components/schemas/";

    /// <param name="place">Of the value, for the reader of the answer.</param>
    /// <returns>The first thing that is not as the schema says; null where all is.</returns>
    public static string? Broken(JsonElement document, JsonElement schema, JsonElement value, string place)
    {
        if (schema.TryGetProperty("$ref", out var reference))
            return Broken(document, document.GetProperty("components").GetProperty("schemas").GetProperty(reference.GetString()![Reference.Length..]), value, place);
        if (schema.TryGetProperty("oneOf", out var choices))
            return choices.EnumerateArray().Any(choice => Broken(document, choice, value, place) is null) ? null : $"{place} is none of its choices";
        if (!Types(schema).Contains(TypeOf(value)) && !(TypeOf(value) == "integer" && Types(schema).Contains("number"))) return $"{place} is no {string.Join(" or ", Types(schema))}";
        return value.ValueKind switch
        {
            JsonValueKind.Object => BrokenObject(document, schema, value, place),
            JsonValueKind.Array => BrokenItems(document, schema.GetProperty("items"), value, place),
            JsonValueKind.String when IsFormat(schema, "uuid") && !Core.Ids.TryParse(value.GetString(), out _) => $"{place} is no id",
            _ => null,
        };
    }

    private static string? BrokenObject(JsonElement document, JsonElement schema, JsonElement value, string place)
    {
        if (schema.TryGetProperty("required", out var required))
            foreach (var name in required.EnumerateArray())
                if (!value.TryGetProperty(name.GetString()!, out _)) return $"{place}.{name} is missing";
        var properties = schema.TryGetProperty("properties", out var named) ? named : default;
        foreach (var property in value.EnumerateObject())
        {
            if (properties.ValueKind != JsonValueKind.Object || !properties.TryGetProperty(property.Name, out var inner)) return $"{place}.{property.Name} is not told of";
            if (Broken(document, inner, property.Value, $"{place}.{property.Name}") is { } broken) return broken;
        }
        return null;
    }

    private static string? BrokenItems(JsonElement document, JsonElement schema, JsonElement value, string place) => value.EnumerateArray()
        .Select((item, at) => Broken(document, schema, item, $"{place}[{at}]")).FirstOrDefault(broken => broken is not null);

    // A schema without a type says nothing, which is as good as wrong.
    private static string[] Types(JsonElement schema) => !schema.TryGetProperty("type", out var type) ? []
        : type.ValueKind == JsonValueKind.String ? [type.GetString()!] : [.. type.EnumerateArray().Select(one => one.GetString()!)];

    private static bool IsFormat(JsonElement schema, string format) => schema.TryGetProperty("format", out var told) && told.GetString() == format;

    private static string TypeOf(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Object => "object",
        JsonValueKind.Array => "array",
        JsonValueKind.String => "string",
        JsonValueKind.True or JsonValueKind.False => "boolean",
        JsonValueKind.Null => "null",
        _ => value.TryGetInt64(out _) ? "integer" : "number",
    };
}
