# A package of nothing but work for the compiler: many methods that are compiled while it is precompiled.
module Heavy

struct Item{N}
    name::String
    values::NTuple{N,Float64}
end

total(item::Item{N}) where {N} = sum(item.values) + N
label(item::Item) = string(item.name, ": ", round(total(item); digits = 3))
merge_all(items...) = sort!(collect(Any, items); by = total)

for n in 1:40
    @eval function $(Symbol(:part, n))(x::Vector{Float64}, names::Dict{String,Int})
        item = Item{$(n % 12 + 1)}(string("part", $n), ntuple(i -> x[mod1(i * $n, length(x))], $(n % 12 + 1)))
        names[label(item)] = get(names, item.name, 0) + $n
        return merge_all(item, Item{1}("one", (x[1] * $n,)))
    end
end

function check()
    x = [sin(n) for n in 1:50]
    names = Dict{String,Int}()
    words = String[]
    for n in 1:40
        part = getfield(Heavy, Symbol(:part, n))
        for item in Base.invokelatest(part, x, names)
            push!(words, label(item))
        end
    end
    return string(length(words), " ", length(names), " ", sum(values(names)), " ", words[1], " ", words[end])
end

for n in 1:40
    precompile(getfield(Heavy, Symbol(:part, n)), (Vector{Float64}, Dict{String,Int}))
end
precompile(check, ())

end
