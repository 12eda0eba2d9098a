-- Whatever is sealed says so in the name of its column: a new data key finds it by that.
alter table second_factors rename column secret to secret_sealed;
