using System.Collections;
using System.Linq.Expressions;
using Google.Protobuf;
using Google.Protobuf.Reflection;
using Google.Protobuf.WellKnownTypes;

namespace SettlementGrid.Api;

/// <summary>
/// Refuses what protobuf lets through and no handler should see: enum numbers without a name, and timestamps outside
/// the years 1 to 9999. Built once for each request type; checking a message whose enums are all singular allocates
/// nothing.
/// </summary>
internal sealed class RequestCheck
{
    private readonly EnumField[] _enums;
    private readonly NestedField[] _nested;

    private RequestCheck(EnumField[] enums, NestedField[] nested)
    {
        _enums = enums;
        _nested = nested;
    }

    private bool FindsNothing => _enums.Length == 0 && _nested.Length == 0;

    /// <summary>The check of a request type. Request types must not contain themselves.</summary>
    public static RequestCheck Of(MessageDescriptor type)
    {
        var enums = new List<EnumField>();
        var nested = new List<NestedField>();
        foreach (var field in type.Fields.InDeclarationOrder().Where(field => !field.IsMap))
        {
            if (field.FieldType == FieldType.Enum && !field.IsRepeated)
            {
                enums.Add(new EnumField(field, Getter(field)));
            }
            else if (field.FieldType == FieldType.Message)
            {
                var isTime = field.MessageType.FullName == Timestamp.Descriptor.FullName;
                var check = isTime ? null : Of(field.MessageType);
                if (check is not { FindsNothing: true })
                {
                    nested.Add(new NestedField(field, check));
                }
            }
        }

        return new RequestCheck([.. enums], [.. nested]);
    }

    /// <summary>The first field whose value is refused, as <c>field = value</c>; null where there is none.</summary>
    public string? Find(IMessage message)
    {
        foreach (var one in _enums)
        {
            var number = one.Get(message);
            if (number != 0 && !one.Has(number))
            {
                return $"{one.Field.Name} = {number}";
            }
        }

        foreach (var (field, check) in _nested)
        {
            var value = field.Accessor.GetValue(message);
            var found = value switch
            {
                null => null,
                IList many => FindInAll(many, check),
                _ => FindIn((IMessage)value, check),
            };
            if (found is not null)
            {
                return $"{field.Name}.{found}";
            }
        }

        return null;
    }

    private static string? FindInAll(IList messages, RequestCheck? check)
    {
        for (var index = 0; index < messages.Count; index++)
        {
            if (FindIn((IMessage)messages[index]!, check) is { } found)
            {
                return $"[{index}].{found}";
            }
        }

        return null;
    }

    private static string? FindIn(IMessage message, RequestCheck? check)
    {
        if (check is not null)
        {
            return check.Find(message);
        }

        var time = (Timestamp)message;
        return time is { Seconds: >= -62135596800 and <= 253402300799, Nanos: >= 0 and <= 999_999_999 }
            ? null
            : $"seconds = {time.Seconds}, nanos = {time.Nanos}";
    }

    /// <summary>Reads the enum as an int without boxing it, which protobuf's own accessor would.</summary>
    private static Func<IMessage, int> Getter(FieldDescriptor field)
    {
        var message = Expression.Parameter(typeof(IMessage));
        var typed = Expression.Convert(message, field.ContainingType.ClrType);
        var value = Expression.Convert(Expression.Property(typed, field.PropertyName), typeof(int));
        return Expression.Lambda<Func<IMessage, int>>(value, message).Compile();
    }

    private sealed record EnumField(FieldDescriptor Field, Func<IMessage, int> Get)
    {
        // Of the numbers below 64, which are all there are: the descriptor's own look-up is a dictionary's.
        private readonly ulong _named = Field.EnumType.Values.Where(value => value.Number is >= 0 and < 64)
            .Aggregate(0UL, (named, value) => named | (1UL << value.Number));

        public bool Has(int number) => number is >= 0 and < 64
            ? (_named & (1UL << number)) != 0
            : Field.EnumType.FindValueByNumber(number) is not null;
    }

    private sealed record NestedField(FieldDescriptor Field, RequestCheck? Check);
}
